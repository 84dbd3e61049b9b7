import Access
import HubCore
import Metadata

/// `GET /api/whoami-v2`.
extension HubRoutes {
    /// Who the asker is, in the shape that clients read.
    func whoAmI(_ actor: Access.Actor) async throws -> Answer {
        let identity = try await hub.accounts.identity(of: actor)
        return try .json(WhoAmIAnswer(identity))
    }
}

/// What Hugging Face's clients read of a user.
///
/// What we have no notion of is said in its most modest form.
private struct WhoAmIAnswer: Encodable {
    struct Organization: Encodable {
        let type = "org"
        let id: String
        let name: String
        let fullname: String
        let avatarUrl = ""
        let isEnterprise = false
        let canPay = false
        let roleInOrg: String
    }

    struct AccessToken: Encodable {
        let displayName: String
        let role: String
        let createdAt: String
    }

    struct Authentication: Encodable {
        let type: String
        let accessToken: AccessToken?
    }

    let type = "user"
    let id: String
    let name: String
    let fullname: String
    let email: String?
    let emailVerified: Bool
    let avatarUrl = ""
    let isPro = false
    let canPay = false
    let orgs: [Organization]
    let auth: Authentication

    init(_ identity: Identity) {
        let account = identity.account
        id = account.id.description
        name = account.name
        fullname = account.fullName ?? account.name
        email = account.email
        emailVerified = account.email != nil
        orgs = identity.organizations.map {
            Organization(id: $0.id.description, name: $0.name, fullname: $0.name, roleInOrg: $0.role.rawValue)
        }
        auth = Authentication(
            type: identity.token == nil ? "password" : "access_token",
            accessToken: identity.token.map(AccessToken.init)
        )
    }
}

extension WhoAmIAnswer.AccessToken {
    /// A token as clients know roles: there is no "admin", and a restricted token is "fineGrained".
    fileprivate init(_ token: Identity.Token) {
        self.init(
            displayName: token.name,
            role: token.isRestricted ? "fineGrained" : token.role == .read ? "read" : "write",
            createdAt: token.createdAt.description
        )
    }
}
