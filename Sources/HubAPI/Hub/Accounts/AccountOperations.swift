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
        .required("fullname", .string), .optional("email", .nullable(.string)),
        .required("emailVerified", .boolean), .required("avatarUrl", .string), .required("isPro", .boolean),
        .required("canPay", .boolean), .required("orgs", .array(organization)), .required("auth", auth),
    ])

    private static let organization = APISchema.object([
        .required("type", .word(["org"])), .required("id", .string), .required("name", .string),
        .required("fullname", .string), .required("avatarUrl", .string), .required("isEnterprise", .boolean),
        .required("canPay", .boolean), .required("roleInOrg", .word(Role.allCases.map(\.rawValue))),
    ])

    private static let auth = APISchema.object([
        .required("type", .word(["password", "access_token"])),
        .optional(
            "accessToken",
            .object([
                .required("displayName", .string), .required("role", .word(["read", "write", "fineGrained"])),
                .required("createdAt", .date), .optional("expiresAt", .date), .optional("fineGrained", permissions),
            ])
        ),
    ])

    private static let permissions = APISchema.object([
        .required("canReadGatedRepos", .boolean), .required("global", .array(.string)),
        .required(
            "scoped",
            .array(
                .object([
                    .required("entity", .object([.required("type", .string), .required("name", .string)])),
                    .required("permissions", .array(.string)),
                ])
            )
        ),
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
                .adding("accessToken", ifThere: token?.json(of: account.name)),
        ]
    }
}

extension Identity.Token {
    /// A token as clients know roles: there is no "admin", and a restricted token is "fineGrained".
    fileprivate func json(of owner: String) -> JSONValue {
        let token: JSONValue = [
            "displayName": .string(name),
            "role": .string(isRestricted ? "fineGrained" : role == .read ? "read" : "write"),
            "createdAt": .string(createdAt.description),
        ]
        return token.adding("expiresAt", ifThere: expiresAt.map { .string($0.description) })
            .adding("fineGrained", ifThere: permissions?.json(of: owner))
    }
}

extension TokenPermissionList {
    /// Permissions in Hugging Face's form: those that hold everywhere, and those of users, organisations and
    /// repositories.
    ///
    /// - Source: the type `WhoAmI` of huggingface.js.
    fileprivate func json(of owner: String) -> JSONValue {
        let everywhere = entries.filter { $0.place == .everywhere }.flatMap(\.verbs)
        let global =
            everywhere.map(\.huggingFaceName) + (managesAccount ? ["account.manage"] : [])
            + (administersHub ? ["hub.administer"] : [])
        return [
            "canReadGatedRepos": JSONValue(everywhere.contains(.read)),
            "global": JSONValue(global),
            "scoped": .array(
                entries.compactMap { entry in
                    entry.place.entity(seenBy: owner).map {
                        ["entity": $0, "permissions": JSONValue(entry.verbs.map(\.huggingFaceName))]
                    }
                }
            ),
        ]
    }
}

extension TokenPlace {
    /// The thing that a permission is about; nil for everything.
    fileprivate func entity(seenBy owner: String) -> JSONValue? {
        switch self {
        case .everywhere: nil
        case .namespace(let name): ["type": name == owner ? "user" : "org", "name": .string(name)]
        case .repository(let address): ["type": .string(address.type.rawValue), "name": .string(address.id)]
        }
    }
}

extension TokenVerb {
    /// Hugging Face's word for it; one of its kind for what it has no word for.
    fileprivate var huggingFaceName: String {
        switch self {
        case .read: "repo.content.read"
        case .write: "repo.write"
        case .administer: "repo.administer"
        case .discussions: "discussion.write"
        }
    }
}
