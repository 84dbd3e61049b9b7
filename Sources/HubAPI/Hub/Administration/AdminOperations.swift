import Access
import HTTPTypes
import HubCore
import JSON

/// The administration of the hub: what the command line does, for who administers the hub, from afar.
///
/// Not here is what takes the server's own files (host keys, settings) or acts as somebody else: nobody but the operator
/// makes tokens and keys for others.
///
/// Every POST takes a body of JSON, be it `{}`: a form on another site cannot send one with a browser's remembered
/// credentials.
struct AdminOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        UserAdministration(hub: hub).all + OrganizationAdministration(hub: hub).all
            + RepositoryAdministration(hub: hub).all + GrantAdministration(hub: hub).all
            + KeyAdministration(hub: hub).all + LargeFileAdministration(hub: hub).all
            + GarbageAdministration(hub: hub).all
            + ServerAdministration(hub: hub).all
    }

    static let largestPage = 1_000
    static let page = 100

    /// The parameters of lists.
    static let paging: [APIOperation.Parameter] = [
        .init("limit", .integer, "Rows of a page, at most."), .init("cursor", .string, "Where the page begins."),
    ]

    /// An operation that asks first whether the asker administers the hub.
    static func operation(
        _ hub: Hub,
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        id: String,
        _ summary: String,
        query: [APIOperation.Parameter] = [],
        body: APIOperation.Body = .none,
        answer: APISchema = .object([]),
        status: Int = 200,
        _ handler: @escaping @Sendable (APICall) async throws -> Answer
    ) -> APIOperation {
        APIOperation(
            method,
            path,
            id: id,
            summary,
            tag: .administration,
            need: .administerHub,
            query: query,
            body: body,
            answers: [status: .json(answer)]
        ) { call in
            // Use cases ask again about what they are about; owners of a repository get no further than this.
            try hub.administration.admit(call.actor)
            return try await handler(call)
        }
    }

    /// A list of rows by id or by name, page by page.
    static func list<Row: Sendable>(
        _ call: APICall,
        cursor: (Row) -> String,
        json: (Row) -> JSONValue,
        _ rows: (Int) async throws -> [Row]
    ) async throws -> Answer {
        let limit = try call.integer("limit", in: 1...largestPage, default: page)
        let rows = try await rows(limit)
        let next = rows.count == limit ? rows.last.map { call.next(cursor: cursor($0)) } : nil
        return .json(.array(rows.map(json)), headers: next ?? [:])
    }
}

extension APICall {
    /// The cursor of a list by ids; nil for the first page.
    func idCursor() throws -> RecordID? {
        try query.first("cursor").map { text in
            guard let id = RecordID(text) else { throw HTTPFailure(.badRequest, "The cursor is not one of ours.") }
            return id
        }
    }

    /// A role that the body names, or null for none.
    static func role(_ body: APIObject, _ key: String) throws -> Role? {
        guard let word = try body.textIfThere(key) else { return nil }
        guard let role = Role(rawValue: word) else {
            throw HTTPFailure(.badRequest, "The key '\(key)' is 'read', 'write' or 'admin'.")
        }
        return role
    }

    /// A role that the body has to name.
    static func requiredRole(_ body: APIObject, _ key: String) throws -> Role {
        guard let role = try role(body, key) else {
            throw HTTPFailure(.badRequest, "The request body lacks the key '\(key)'.")
        }
        return role
    }
}

extension APISchema {
    /// A role.
    static let role = APISchema.word(Role.allCases.map(\.rawValue))
}
