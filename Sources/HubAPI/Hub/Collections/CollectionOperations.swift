import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Collections: made, found, changed, deleted.
struct CollectionOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [list, create, get, update, delete] + CollectionItemOperations(hub: hub).all
    }

    static let path: PathTemplate = "/api/collections/{namespace}/{slug}"

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/collections",
            id: "listCollections",
            "Collections that the asker may see, the one that changed last first.",
            tag: .collections,
            need: .nothing,
            query: [
                .init("owner", .string, "Only those of this user or organization."),
                .init("item", .string, "Only those that have this, such as models/ns/name."),
                .init("sort", .string, "The order; upvotes and trending are as lastModified."),
                .init("limit", .integer, "Collections of a page, at most."),
                .init("cursor", .string, "Where the page begins."),
            ],
            answers: [200: .json(.array(CollectionContent.schemaInLists))]
        ) { call in
            let after = try call.query.first("cursor").map { text in
                guard let place = Collections.Place(text) else {
                    throw HTTPFailure(.badRequest, "The cursor is not one of ours.")
                }
                return place
            }
            let page = try await hub.collections.collections(
                try Self.condition(call),
                after: after,
                limit: try call.integer("limit", in: 1...Collections.largestPage, default: Collections.largestPage),
                by: call.actor
            )
            let headers = page.next.map { call.next(cursor: $0.text) } ?? [:]
            return .json(.array(page.collections.map(\.jsonInLists)), headers: headers)
        }
    }

    private static func condition(_ call: APICall) throws -> Collections.Condition {
        let (owners, items) = (call.values("owner"), call.values("item"))
        guard owners.count + items.count <= 1 else {
            throw HTTPFailure(.badRequest, "One owner or one item is asked for at a time.")
        }
        if let owner = owners.first { return .owned(by: owner) }
        guard let item = items.first else { return .all }
        let parts = item.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw HTTPFailure(.badRequest, "An item is written as models/ns/name.") }
        switch parts[0] {
        case "papers": return .having(.paper(parts[1]))
        case "collections": return .having(.collection(parts[1]))
        default:
            guard let type = RepositoryType(pathSegment: parts[0]) else {
                throw HTTPFailure(.badRequest, "An item is written as models/ns/name.")
            }
            return .having(.repository(try RepositoryName.address(type, parts[1], key: "item")))
        }
    }

    private var create: APIOperation {
        APIOperation(
            .post,
            "/api/collections",
            id: "createCollection",
            "Makes an empty collection.",
            tag: .collections,
            need: .writeNamespace,
            body: .json(
                .object([
                    .required("title", .string), .required("namespace", .string),
                    .optional("description", .nullable(.string)), .optional("private", .nullable(.boolean)),
                ])
            ),
            answers: [200: .json(CollectionContent.schema)]
        ) { call in
            let body = try await call.object()
            let new = Collections.New(
                namespace: try body.text("namespace"),
                title: try body.text("title"),
                description: try body.textIfThere("description"),
                visibility: try body.flagIfThere("private") ?? false ? .private : .public
            )
            switch try await hub.collections.create(new, by: call.actor) {
            case .made(let collection): return .json(collection.json)
            case .taken(let slug):
                let error = HubError(.conflict, "There is a collection of this title already.")
                let answer: JSONValue = ["error": .string(error.message), "slug": .string(slug)]
                return .json(answer, status: .conflict, headers: [.errorMessage: error.message])
            }
        }
    }

    private var get: APIOperation {
        APIOperation(
            .get,
            Self.path,
            id: "getCollection",
            "A collection with the items that the asker may see.",
            tag: .collections,
            need: .nothing,
            answers: [200: .json(CollectionContent.schema)]
        ) { call in .json(try await hub.collections.collection(call.collectionSlug, by: call.actor).json) }
    }

    private var update: APIOperation {
        APIOperation(
            .patch,
            Self.path,
            id: "updateCollection",
            "Changes what a collection says of itself.",
            tag: .collections,
            need: .writeNamespace,
            body: .json(
                .object([
                    .optional("title", .nullable(.string)), .optional("description", .nullable(.string)),
                    .optional("theme", .nullable(.string)), .optional("private", .nullable(.boolean)),
                    .optional("position", .nullable(.integer)),
                ])
            ),
            answers: [
                200: .json(.object([.required("success", .boolean), .required("data", CollectionContent.schema)]))
            ]
        ) { call in
            let body = try await call.object()
            var change = Collections.Change()
            change.title = try body.textIfThere("title")
            change.description = try body.textIfThere("description")
            change.theme = try body.textIfThere("theme")
            change.visibility = try body.flagIfThere("private").map { $0 ? .private : .public }
            change.position = try body.integerIfThere("position")
            let collection = try await hub.collections.update(call.collectionSlug, change, by: call.actor)
            return .json(["success": true, "data": collection.json])
        }
    }

    private var delete: APIOperation {
        APIOperation(
            .delete,
            Self.path,
            id: "deleteCollection",
            "Deletes a collection.",
            tag: .collections,
            need: .writeNamespace,
            answers: [200: .json(.object([]))]
        ) { call in
            try await hub.collections.delete(call.collectionSlug, by: call.actor)
            return .json([:])
        }
    }
}

extension APICall {
    /// The slug that the path names.
    var collectionSlug: String { "\(parameter("namespace"))/\(parameter("slug"))" }
}
