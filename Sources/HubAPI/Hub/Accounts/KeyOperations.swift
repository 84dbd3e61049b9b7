import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// One's own SSH keys.
struct KeyOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, add, remove] }

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/settings/keys",
            id: "listKeys",
            "One's own SSH keys, oldest first.",
            tag: .accounts,
            need: .ownAccount,
            answers: [200: .json(.array(Self.key))]
        ) { call in
            let keys = try await hub.accounts.keys(of: .user(try call.ownName()), by: call.actor)
            return .json(.array(keys.map(\.json)))
        }
    }

    private var add: APIOperation {
        APIOperation(
            .post,
            "/api/settings/keys",
            id: "addKey",
            "Adds an SSH key: it carries the whole account.",
            tag: .accounts,
            need: .ownAccount,
            body: .json(.object([.required("key", .string), .optional("title", .nullable(.string))])),
            answers: [200: .json(Self.key)]
        ) { call in
            let (name, body) = (try call.ownName(), try await call.object())
            let record = try await hub.accounts.addKey(
                userName: name,
                title: try body.textIfThere("title"),
                openSSHText: try body.text("key"),
                by: call.actor
            )
            return .json(KeySummary(record, owner: .user(name)).json)
        }
    }

    private var remove: APIOperation {
        APIOperation(
            .delete,
            "/api/settings/keys/{id}",
            id: "removeKey",
            "Removes an SSH key; it is refused at once.",
            tag: .accounts,
            need: .ownAccount,
            answers: [200: .json(.object([]))]
        ) { call in
            let owner = KeyOwner.user(try call.ownName())
            try await hub.accounts.removeKey(call.parameter("id"), of: owner, by: call.actor)
            return .json([:])
        }
    }

    /// A key as `KeySummary.json` tells it.
    static let key = APISchema.object([
        .required("id", .string),
        .required(
            "owner",
            .object([
                .required("type", .word(["user", "repository", "organization"])), .required("name", .string),
            ])
        ),
        .optional("role", .word(["read", "write"])), .required("title", .string), .required("algorithm", .string),
        .required("publicKey", .string), .required("fingerprint", .string), .required("createdAt", .date),
        .optional("lastUsedAt", .date),
    ])
}

extension KeySummary {
    /// The key as lists show it; a user's has no role of its own.
    var json: JSONValue {
        let key: JSONValue = [
            "id": .string(record.id.description),
            "owner": ["type": .string(owner.kind), "name": .string(owner.name)],
        ]
        return key.adding("role", ifThere: record.owner.role.map { .string($0.rawValue) })
            .adding("title", .string(record.title))
            .adding("algorithm", .string(record.algorithm))
            .adding("publicKey", .string("\(record.algorithm) \(record.publicKey)"))
            .adding("fingerprint", .string(record.fingerprint))
            .adding("createdAt", .string(record.createdAt.description))
            .adding("lastUsedAt", ifThere: record.lastUsedAt.map { .string($0.description) })
    }
}
