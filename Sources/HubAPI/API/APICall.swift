package import Access
package import HTTPTypes
import HubCore
package import JSON
import NIOCore

/// A request to an operation: who asks, and what stands in path and query.
package struct APICall: Sendable {
    /// The request.
    package let exchange: Exchange
    /// Who asks.
    package let actor: Access.Actor
    /// The asker's address, for limits and the audit log.
    package let client: String
    /// The base of URLs in the answer, as the client called the hub, without a slash at the end.
    package let base: String
    /// The template that fits.
    package let template: PathTemplate
    /// The decoded parameters of the path, by name.
    package let parameters: [String: String]
    /// The items of the query.
    package let query: QueryItems
    /// What a body of JSON may have.
    package let jsonLimits: JSONLimits

    /// A call from its parts.
    package init(
        exchange: Exchange,
        actor: Access.Actor,
        client: String,
        base: String,
        template: PathTemplate,
        parameters: [String: String],
        jsonLimits: JSONLimits
    ) {
        self.exchange = exchange
        self.actor = actor
        self.client = client
        self.base = base
        self.template = template
        self.parameters = parameters
        query = QueryItems(exchange.query)
        self.jsonLimits = jsonLimits
    }

    /// A parameter of the path; empty when the template has none of this name.
    package func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The repository that the path names: models when the path has no type.
    ///
    /// - Throws: the refusal of a repository that does not exist for a name that none can have.
    package func repository() throws -> RepositoryAddress {
        let type = parameters[PathTemplate.repositoryType].flatMap { RepositoryType(pathSegment: $0) } ?? .model
        return try repository(of: type)
    }

    /// The repository of a type that the path names.
    package func repository(of type: RepositoryType) throws -> RepositoryAddress {
        do {
            let name = parameter("name")
            return try RepositoryAddress(type: type, checkingNamespace: parameter("namespace"), name: name)
        } catch {
            throw HubError.denied(AccessPolicy.denialOfMissing(to: actor), "repository")
        }
    }

    /// Whether something is asked for: "true", "True" and "1" all mean yes.
    package func flag(_ name: String) -> Bool {
        guard let value = query.first(name) else { return false }
        return ["true", "True", "1"].contains(value)
    }

    /// A number of the query.
    ///
    /// - Throws: 400 for what is no number, or less than `range`; more than `range` is its end.
    package func integer(_ name: String, in range: ClosedRange<Int>, default standard: Int) throws -> Int {
        guard let text = query.first(name), !text.isEmpty else { return standard }
        guard let number = Int(text), number >= range.lowerBound else {
            throw HTTPFailure(.badRequest, "The parameter '\(name)' must be a number from \(range.lowerBound) on.")
        }
        return min(number, range.upperBound)
    }

    /// All values of a repeated item, also of the name with "[]" behind it.
    package func values(_ name: String) -> [String] {
        query.items.filter { $0.name == name || $0.name == "\(name)[]" }.map(\.value)
    }

    /// The `Link` field that leads to the next page: this request's own URL with another cursor.
    ///
    /// - Source: RFC 8288.
    package func next(cursor: String, named name: String = "cursor") -> HTTPFields {
        let kept = query.items.filter { $0.name != name }.map {
            "\(percentEncoded($0.name))=\(percentEncoded($0.value))"
        }
        let items = (kept + ["\(name)=\(percentEncoded(cursor))"]).joined(separator: "&")
        return [.link: "<\(base)\(template.path(parameters))?\(items)>; rel=\"next\""]
    }

    /// Where this request is answered for another address of its repository; relative, as clients follow it.
    func redirection(to address: RepositoryAddress, prefix: String) -> String {
        var parameters = parameters
        parameters["namespace"] = address.namespace
        parameters["name"] = address.name
        let query = exchange.query
        return prefix + template.path(parameters) + (query.isEmpty ? "" : "?\(query)")
    }
}

extension APICall {
    /// The body as a JSON object.
    ///
    /// - Parameter limit: bytes that this body may have, where that is more than others may.
    /// - Throws: 415 for another type, 413 for too much, 400 for anything but an object.
    package func object(limit: Int = 0) async throws -> APIObject {
        var limits = jsonLimits
        limits.bytes = max(limits.bytes, limit)
        // A form on another site cannot send this type, so it cannot act with a browser's remembered credentials.
        guard exchange.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
            throw HTTPFailure(.unsupportedMediaType, "The request body must be of type application/json.")
        }
        let bytes = try await bytes(limit: limits.bytes)
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: limits)
        } catch {
            throw Self.failure(error)
        }
        guard value.isObject else { throw HTTPFailure(.badRequest, "The request body must be a JSON object.") }
        return APIObject(value)
    }

    /// The same for operations that do without a body.
    package func objectOrNothing() async throws -> APIObject {
        guard exchange.headers[.contentType] != nil else {
            _ = try await bytes(limit: jsonLimits.bytes)
            return APIObject([:])
        }
        let bytes = try await bytes(limit: jsonLimits.bytes)
        guard !bytes.isEmpty, bytes != Array("null".utf8) else { return APIObject([:]) }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: jsonLimits)
        } catch {
            throw Self.failure(error)
        }
        return APIObject(value)
    }

    /// The body, whole.
    ///
    /// - Throws: `BodyError.tooLarge` before more than `limit` bytes are kept.
    package func bytes(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in exchange.body {
            guard bytes.count + piece.readableBytes <= limit else { throw BodyError.tooLarge(limit: Int64(limit)) }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }

    private static func failure(_ error: JSONError) -> HTTPFailure {
        switch error {
        case .malformed(let offset):
            HTTPFailure(.badRequest, "The request body is not valid JSON at byte \(offset).")
        case .tooDeep: HTTPFailure(.badRequest, "The request body is nested too deep.")
        case .tooLarge: HTTPFailure(.contentTooLarge, "The request body has too many values.")
        }
    }
}

extension Answer {
    /// A JSON answer.
    package static func json(
        _ value: JSONValue,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Answer {
        Answer(
            status: status,
            headers: headers,
            contentType: "application/json; charset=utf-8",
            body: value.encoded()
        )
    }
}
