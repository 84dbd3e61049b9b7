import Foundation
import GranaryTesting
import Testing

/// An operation as the description of the running server tells it, at one of its paths.
struct DescribedOperation: Sendable {
    /// The id; of an operation at several paths, that of the first.
    let id: String
    /// The verb, in capitals.
    let method: String
    /// The path with its parameters in braces.
    let template: String
    /// Who gets more than a refusal, as the description words it.
    let need: String
    /// The types of body that it takes.
    let bodies: Set<String>

    /// Reads all of them, in the order of their paths.
    static func all(on server: GranaryServer) async throws -> [DescribedOperation] {
        let answer = try await server.curl("GET", "/api/openapi.json")
        let paths = try #require(answer.json["paths"] as? [String: [String: [String: Any]]], "\(answer)")
        return paths.sorted { $0.key < $1.key }.flatMap { path, methods in
            methods.sorted { $0.key < $1.key }.map { DescribedOperation($0.key.uppercased(), path, $0.value) }
        }
    }

    private init(_ method: String, _ template: String, _ description: [String: Any]) {
        let id = description["operationId"] as? String ?? "\(method) \(template)"
        self.id = id.hasSuffix("OfType") ? String(id.dropLast("OfType".count)) : id
        self.method = method
        self.template = template
        need = description["x-need"] as? String ?? ""
        let content = (description["requestBody"] as? [String: Any])?["content"] as? [String: Any]
        bodies = Set((content ?? [:]).keys)
    }

    /// The type of the repositories that it is about.
    var repositoryType: String {
        switch template.split(separator: "/").dropFirst().first {
        case "datasets": "dataset"
        case "spaces": "space"
        default: "model"
        }
    }

    /// Whether its path names a repository.
    var isAboutRepository: Bool { template.contains("{namespace}/{name}") }

    /// The request for it.
    ///
    /// - Parameter fill: puts values for the words of an entry.
    func request(_ entry: AccessEntry, credentials: [String], fill: (String) -> String) throws -> PlannedRequest {
        let path = try template.split(separator: "/").map { segment -> String in
            guard segment.hasPrefix("{") else { return "/\(segment)" }
            let name = String(segment.dropFirst().dropLast())
            let value = try #require(
                entry.path[name] ?? AccessEntry.usual[name],
                "the entry for '\(id)' in AccessTable+Entries.swift has to give a value for '\(name)': .path([\"\(name)\": …])"
            )
            return "/\(fill(value))"
        }.joined()
        let query = entry.query.isEmpty ? "" : "?\(fill(entry.query))"
        guard let body = entry.body ?? (bodies.contains("application/json") ? "{}" : nil) else {
            return PlannedRequest(method, path + query, headers: credentials)
        }
        let type = bodies.contains("application/json") ? "application/json" : bodies.sorted().first ?? "text/plain"
        let headers = credentials + ["Content-Type: \(type)"]
        return PlannedRequest(method, path + query, headers: headers, body: Array(fill(body).utf8))
    }
}

/// An operation in one of the ways in which it is tried.
struct AccessAttempt: Sendable {
    /// The key of the entry.
    let title: String
    let operation: DescribedOperation
    let entry: AccessEntry
}
