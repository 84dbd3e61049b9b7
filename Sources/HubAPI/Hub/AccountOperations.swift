import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Who the asker is.
struct AccountOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            APIOperation(
                .get,
                "/api/whoami-v2",
                id: "whoAmI",
                "The account behind the credentials.",
                tag: .accounts,
                need: .login,
                answers: [200: .json(Self.schema)]
            ) { call in .json(try await hub.accounts.identity(of: call.actor).json) }
        ]
    }

    private static let schema = APISchema.object([
        .required("type", .word(["user"])), .required("id", .string), .required("name", .string),
        .required("fullname", .string), .optional("email", .nullable(.string)), .required("orgs", .array(.any)),
        .required("auth", .any),
    ])
}

extension Identity {
    /// What Hugging Face's clients read of a user; what we have no notion of is said in its most modest form.
    fileprivate var json: JSONValue {
        [
            "type": "user",
            "id": .string(account.id.description),
            "name": .string(account.name),
            "fullname": .string(account.fullName ?? account.name),
            "email": JSONValue(account.email),
            "emailVerified": JSONValue(account.email != nil),
            "avatarUrl": "",
            "isPro": false,
            "canPay": false,
            "orgs": .array(
                organizations.map {
                    [
                        "type": "org", "id": .string($0.id.description), "name": .string($0.name),
                        "fullname": .string($0.name), "avatarUrl": "", "isEnterprise": false, "canPay": false,
                        "roleInOrg": .string($0.role.rawValue),
                    ]
                }
            ),
            "auth": JSONValue.object([.init("type", .string(token == nil ? "password" : "access_token"))])
                .adding("accessToken", ifThere: token?.json),
        ]
    }
}

extension Identity.Token {
    /// A token as clients know roles: there is no "admin", and a restricted token is "fineGrained".
    fileprivate var json: JSONValue {
        [
            "displayName": .string(name),
            "role": .string(isRestricted ? "fineGrained" : role == .read ? "read" : "write"),
            "createdAt": .string(createdAt.description),
        ]
    }
}
