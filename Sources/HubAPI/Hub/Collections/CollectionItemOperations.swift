import Access
import HTTPTypes
import HubCore
import JSON

/// What is in collections.
struct CollectionItemOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [add, update, delete] }

    private static let types = RepositoryType.allCases.map(\.rawValue) + ["paper", "collection"]

    private var add: APIOperation {
        APIOperation(
            .post,
            "/api/collections/{namespace}/{slug}/items",
            id: "addCollectionItem",
            "Puts something at the end of a collection.",
            tag: .collections,
            need: .writeNamespace,
            body: .json(
                .object([
                    .required("item", .object([.required("id", .string), .required("type", .word(Self.types))])),
                    .optional("note", .nullable(.string)),
                ])
            ),
            answers: [200: .json(CollectionContent.schema)]
        ) { call in
            let body = try await call.object()
            let collection = try await hub.collections.add(
                try Self.thing(try body.object("item")),
                note: try body.textIfThere("note"),
                to: call.collectionSlug,
                by: call.actor
            )
            return .json(collection.json)
        }
    }

    private static func thing(_ item: APIObject) throws -> CollectionThing {
        let (id, type) = (try item.text("id"), try item.text("type"))
        switch type {
        case "paper": return .paper(id)
        case "collection": return .collection(id)
        default:
            guard let type = RepositoryType(rawValue: type) else {
                throw HTTPFailure(.badRequest, "The type of an item is one of: \(types.joined(separator: ", ")).")
            }
            return .repository(try RepositoryName.address(type, id, key: "item.id"))
        }
    }

    private var update: APIOperation {
        APIOperation(
            .patch,
            "/api/collections/{namespace}/{slug}/items/{item}",
            id: "updateCollectionItem",
            "Changes the note of an item, or its place.",
            tag: .collections,
            need: .writeNamespace,
            body: .json(
                .object([.optional("note", .nullable(.string)), .optional("position", .nullable(.integer))])
            ),
            answers: [200: .json(CollectionContent.schema)]
        ) { call in
            let body = try await call.object()
            let collection = try await hub.collections.updateItem(
                call.parameter("item"),
                note: try body.textIfThere("note"),
                position: try body.integerIfThere("position"),
                of: call.collectionSlug,
                by: call.actor
            )
            return .json(collection.json)
        }
    }

    private var delete: APIOperation {
        APIOperation(
            .delete,
            "/api/collections/{namespace}/{slug}/items/{item}",
            id: "deleteCollectionItem",
            "Takes an item out of a collection.",
            tag: .collections,
            need: .writeNamespace,
            answers: [200: .json(CollectionContent.schema)]
        ) { call in
            let item = call.parameter("item")
            return .json(try await hub.collections.deleteItem(item, of: call.collectionSlug, by: call.actor).json)
        }
    }
}
