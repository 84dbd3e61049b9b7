import Access
import HubCore
import JSON
import Metadata

extension CollectionContent {
    private static let item = APISchema.object([
        .required("_id", .string), .required("id", .string), .required("type", .string),
        .required("position", .integer),
        .required("note", .nullable(.object([.required("text", .string), .required("html", .string)]))),
        .optional("slug", .string),
    ])

    private static let members: [APISchema.Member] = [
        .required("_id", .string), .required("slug", .string), .required("title", .string),
        .optional("description", .string),
        .required(
            "owner",
            .object([
                .required("name", .string), .required("fullname", .string), .required("type", .word(["user", "org"])),
                .required("avatarUrl", .string),
            ])
        ),
        .required("items", .array(item)), .required("lastUpdated", .date), .required("private", .boolean),
        .required("theme", .string), .required("upvotes", .integer),
    ]

    /// A collection in a list, whose place the client counts itself.
    static let schemaInLists = APISchema.object(members)
    /// A collection by itself.
    static let schema = APISchema.object(members + [.required("position", .integer)])

    /// The collection in a list.
    var jsonInLists: JSONValue {
        let collection: JSONValue = [
            "_id": .string(record.id), "slug": .string(record.slug), "title": .string(record.title),
            "owner": [
                "name": .string(record.namespaceName), "fullname": .string(record.namespaceName),
                "type": record.namespaceKind == .user ? "user" : "org", "avatarUrl": "",
            ],
            "items": .array(items.map { Self.json($0.item, $0.thing) }),
            "lastUpdated": .string(record.updatedAt.description),
            "private": JSONValue(record.visibility == .private), "theme": .string(record.theme), "upvotes": 0,
        ]
        return collection.adding("description", ifThere: record.description.map { .string($0) })
    }

    /// The collection by itself.
    var json: JSONValue { jsonInLists.adding("position", JSONValue(record.position)) }

    private static func json(_ item: CollectionItemRecord, _ thing: Thing) -> JSONValue {
        let note: JSONValue? = item.note.map { ["text": .string($0), "html": .string($0.escapedForHTML)] }
        func json(_ id: String, _ type: String) -> JSONValue {
            [
                "_id": .string(item.id), "id": .string(id), "type": .string(type),
                "position": JSONValue(item.position), "note": note ?? .null,
            ]
        }
        switch thing {
        case .repository(let address): return json(address.id, address.type.rawValue)
        case .paper(let name): return json(name, "paper")
        case .collection(let other): return json(other.id, "collection").adding("slug", .string(other.slug))
        }
    }
}
