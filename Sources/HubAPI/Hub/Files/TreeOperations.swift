import GitCore
import HTTPTypes
import HubCore
import JSON

/// Listing the entries of revisions.
struct TreeOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            tree("/api/{repoType}/{namespace}/{name}/tree/{revision}", id: "listRoot").lasting,
            tree("/api/{repoType}/{namespace}/{name}/tree/{revision}/{path...}", id: "listFolder").lasting,
            pathsInfo,
        ]
    }

    /// Paths of one request, and their bytes.
    private static let mostPaths = 1_000
    private static let mostBytes = 1 << 20

    private func tree(_ path: PathTemplate, id: String) -> APIOperation {
        APIOperation(
            .get,
            path,
            id: id,
            "The entries of a folder at a revision.",
            tag: .files,
            need: .readContent,
            query: [
                .init("recursive", .boolean, "Whether the entries of folders inside are listed, too."),
                .init("expand", .boolean, "Whether each entry is told with its last commit."),
                .init("limit", .integer, "Entries of a page, at most."),
                .init("cursor", .string, "Where the page begins."),
            ],
            answers: [200: .json(.array(FileEntry.schema))]
        ) { call in try await list(call) }
    }

    private func list(_ call: APICall) async throws -> Answer {
        let isExpanded = call.flag("expand")
        let largest = isExpanded ? Files.largestExpandedPage : Files.largestPage
        let page = try await hub.files.tree(
            try call.repository(),
            revision: call.parameter("revision"),
            path: call.parameter("path").trimmingSlashes,
            isRecursive: call.flag("recursive"),
            isExpanded: isExpanded,
            after: call.query.first("cursor"),
            limit: try call.integer("limit", in: 1...largest, default: largest),
            by: call.actor
        )
        return .json(
            .array(page.entries.map { $0.json(lastCommit: page.lastCommits[$0.path]) }),
            headers: page.next.map { call.next(cursor: $0) } ?? [:]
        )
    }

    private var pathsInfo: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/paths-info/{revision}",
            id: "getPathsInfo",
            "The entries at some paths of a revision; those that are not there are left out.",
            tag: .files,
            need: .readContent,
            body: .jsonOrForm(.object([.required("paths", .array(.string)), .optional("expand", .boolean)])),
            answers: [200: .json(.array(FileEntry.schema))]
        ) { call in
            let (paths, isExpanded) = try await Self.paths(call)
            guard paths.count <= Self.mostPaths else {
                throw HTTPFailure(.contentTooLarge, "At most \(Self.mostPaths) paths are looked up at once.")
            }
            let page = try await hub.files.entries(
                try call.repository(),
                revision: call.parameter("revision"),
                paths: paths.map(\.trimmingSlashes),
                isExpanded: isExpanded,
                by: call.actor
            )
            return .json(.array(page.entries.map { $0.json(lastCommit: page.lastCommits[$0.path]) }))
        }
    }

    /// Clients send a form.
    private static func paths(_ call: APICall) async throws -> ([String], Bool) {
        let type = call.exchange.headers[.contentType]?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded") else {
            let body = try await call.object()
            return (try body.texts("paths"), try body.flagIfThere("expand") ?? false)
        }
        let text = String(decoding: try await call.bytes(limit: mostBytes), as: UTF8.self)
        let form = QueryItems(text, maximumCount: mostPaths + 16)
        let paths = form.items.filter { $0.name == "paths" || $0.name == "paths[]" }.map(\.value)
        return (paths, ["true", "True", "1"].contains(form.first("expand") ?? ""))
    }
}

extension String {
    /// The text without slashes at its ends.
    var trimmingSlashes: String {
        var text = self[...]
        while text.hasPrefix("/") { text.removeFirst() }
        while text.hasSuffix("/") { text.removeLast() }
        return String(text)
    }
}
