import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// One's own access tokens.
struct TokenOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, create, revoke] }

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/settings/tokens",
            id: "listTokens",
            "One's own tokens, oldest first, with those that are revoked or have expired.",
            tag: .accounts,
            need: .ownAccount,
            answers: [200: .json(.array(Self.token))]
        ) { call in
            let tokens = try await hub.accounts.tokens(userName: try call.ownName(), by: call.actor)
            return .json(.array(tokens.map(\.json)))
        }
    }

    private var create: APIOperation {
        APIOperation(
            .post,
            "/api/settings/tokens",
            id: "createToken",
            "Makes a token, and shows it this once.",
            tag: .accounts,
            need: .ownAccount,
            body: .json(
                .object([
                    .required("name", .string), .required("role", .word(NewToken.roles)),
                    .optional("permissions", .nullable(.array(Self.permission))),
                    .optional("managesAccount", .nullable(.boolean)),
                    .optional("administersHub", .nullable(.boolean)),
                    .optional("expiresIn", .nullable(.integer)),
                ])
            ),
            answers: [200: .json(.object([.required("token", .string), .required("accessToken", Self.token)]))]
        ) { call in
            let new = try NewToken(try await call.object(), userName: try call.ownName())
            let (text, summary) = try await hub.accounts.makeToken(new, by: call.actor)
            let answer: JSONValue = ["token": .string(text), "accessToken": summary.json]
            return .json(answer, headers: [.cacheControl: "no-store"])
        }
    }

    private var revoke: APIOperation {
        APIOperation(
            .delete,
            "/api/settings/tokens/{id}",
            id: "revokeToken",
            "Makes a token useless, at once and for ever.",
            tag: .accounts,
            need: .ownAccount,
            answers: [200: .json(.object([]))]
        ) { call in
            let name = try call.ownName()
            try await hub.accounts.revokeToken(userName: name, id: try call.tokenID(), by: call.actor)
            return .json([:])
        }
    }

    private static let permission = APISchema.object([
        .required("place", .string), .required("verbs", .array(.word(TokenVerb.allCases.map(\.rawValue)))),
    ])

    /// A token as `TokenSummary.json` tells it.
    static let token = APISchema.object([
        .required("id", .string), .required("user", .string), .required("name", .string),
        .required("role", .word(NewToken.roles)), .optional("namespace", .string), .optional("repository", .string),
        .optional("permissions", .array(permission)), .optional("managesAccount", .boolean),
        .optional("administersHub", .boolean), .required("createdAt", .date), .optional("expiresAt", .date),
        .optional("lastUsedAt", .date), .optional("revokedAt", .date),
    ])
}

extension APICall {
    /// The name of the asker's account.
    ///
    /// - Throws: 401 for the anonymous, 403 for keys, which have no account.
    func ownName() throws -> String {
        if case .user(let user) = actor { return user.name }
        throw HubError.denied(actor == .anonymous ? .unauthenticated : .insufficientKey, "account")
    }

    /// The token that the path names.
    func tokenID() throws -> RecordID {
        guard let id = RecordID(parameter("id")) else { throw HubError(.notFound, "There is no such token.") }
        return id
    }
}

extension NewToken {
    /// The roles of tokens, in words of the API.
    static let roles = Role.allCases.map(\.rawValue) + [fineGrained]
    private static let fineGrained = "fineGrained"

    /// A token as a body asks for it.
    fileprivate init(_ body: APIObject, userName: String) throws {
        let (name, word) = (try body.text("name"), try body.text("role"))
        let expiresIn = try body.integerIfThere("expiresIn")
        guard word != Self.fineGrained else {
            let permissions = try TokenPermissionList(body)
            self.init(userName: userName, name: name, permissions: permissions, expiresIn: expiresIn)
            return
        }
        guard let role = Role(rawValue: word) else {
            throw HTTPFailure(.badRequest, "The role is one of \(Self.roles.joined(separator: ", ")).")
        }
        guard !body.has("permissions"), !body.has("managesAccount"), !body.has("administersHub") else {
            throw HTTPFailure(.badRequest, "Permissions go with the role 'fineGrained' only.")
        }
        self.init(userName: userName, name: name, role: role, expiresIn: expiresIn)
    }
}

extension TokenPermissionList {
    fileprivate init(_ body: APIObject) throws {
        let entries = try body.objects("permissions")
        guard entries.count <= Self.largestCount else {
            throw HTTPFailure(.badRequest, "A token has at most \(Self.largestCount) permissions.")
        }
        self.init(
            entries: try entries.map { entry in
                Entry(
                    place: try TokenPlace(parsing: try entry.text("place")),
                    verbs: try entry.texts("verbs").map(Self.verb)
                )
            },
            managesAccount: try body.flagIfThere("managesAccount") ?? false,
            administersHub: try body.flagIfThere("administersHub") ?? false
        )
    }

    private static func verb(_ word: String) throws -> TokenVerb {
        guard let verb = TokenVerb(rawValue: word) else {
            let verbs = TokenVerb.allCases.map(\.rawValue).joined(separator: ", ")
            throw HTTPFailure(.badRequest, "A verb is one of \(verbs).")
        }
        return verb
    }
}

extension TokenSummary {
    /// The token as its owner sees it in a list.
    var json: JSONValue {
        let role = permissions == nil ? role.rawValue : "fineGrained"
        let token: JSONValue = [
            "id": .string(id.description), "user": .string(userName), "name": .string(name), "role": .string(role),
        ]
        return token.adding("namespace", ifThere: namespace.map(JSONValue.string))
            .adding("repository", ifThere: repository.map { .string($0.description) })
            .adding("permissions", ifThere: permissions.map { .array($0.entries.map(\.json)) })
            .adding("managesAccount", ifThere: permissions.map { JSONValue($0.managesAccount) })
            .adding("administersHub", ifThere: permissions.map { JSONValue($0.administersHub) })
            .adding("createdAt", .string(createdAt.description))
            .adding("expiresAt", ifThere: expiresAt.map { .string($0.description) })
            .adding("lastUsedAt", ifThere: lastUsedAt.map { .string($0.description) })
            .adding("revokedAt", ifThere: revokedAt.map { .string($0.description) })
    }
}

extension TokenPermissionList.Entry {
    fileprivate var json: JSONValue {
        ["place": .string(place.description), "verbs": JSONValue(verbs.map(\.rawValue))]
    }
}
