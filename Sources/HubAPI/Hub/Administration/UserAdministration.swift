import Access
import HTTPTypes
import HubCore
import JSON

/// Accounts, and what they have.
struct UserAdministration: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, create, show, change, setPassword, tokens, revokeToken, allTokens] }

    private var list: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/users",
            id: "adminListUsers",
            "All users, by name.",
            query: AdminOperations.paging,
            answer: .array(ProfileOperations.account)
        ) { call in
            try await AdminOperations.list(call, cursor: \.name, json: \.json) { limit in
                try await hub.accounts.users(after: call.query.first("cursor"), limit: limit, by: call.actor)
            }
        }
    }

    private var create: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            "/api/admin/users",
            id: "adminCreateUser",
            "Makes a user; without a password it signs in with tokens and keys only.",
            body: .json(
                .object([
                    .required("name", .string), .optional("email", .nullable(.string)),
                    .optional("fullname", .nullable(.string)), .optional("password", .nullable(.string)),
                    .optional("isAdmin", .nullable(.boolean)),
                ])
            ),
            answer: ProfileOperations.account
        ) { call in
            let body = try await call.object()
            let new = NewUser(
                name: try body.text("name"),
                email: try body.textIfThere("email"),
                fullName: try body.textIfThere("fullname"),
                isAdmin: try body.flagIfThere("isAdmin") ?? false,
                password: try body.textIfThere("password")
            )
            return .json(try await hub.accounts.createUser(new, by: call.actor).json)
        }
    }

    private var show: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/users/{user}",
            id: "adminGetUser",
            "One user.",
            answer: ProfileOperations.account
        ) { call in
            .json(try await hub.accounts.account(userName: call.parameter("user"), by: call.actor).json)
        }
    }

    private var change: APIOperation {
        AdminOperations.operation(
            hub,
            .patch,
            "/api/admin/users/{user}",
            id: "adminChangeUser",
            "Changes an account as far as it is told, all or nothing.",
            body: .json(
                .object([
                    .optional("isAdmin", .nullable(.boolean)), .optional("isDisabled", .nullable(.boolean)),
                    .optional("fullname", .nullable(.string)), .optional("email", .nullable(.string)),
                ])
            ),
            answer: ProfileOperations.account
        ) { call in
            let body = try await call.object()
            let change = UserChange(
                isAdmin: try body.flagIfThere("isAdmin"),
                isDisabled: try body.flagIfThere("isDisabled"),
                fullName: try ProfileChange(body, "fullname"),
                email: try ProfileChange(body, "email")
            )
            let user = call.parameter("user")
            return .json(try await hub.accounts.change(userName: user, change, by: call.actor).json)
        }
    }

    private var setPassword: APIOperation {
        AdminOperations.operation(
            hub,
            .put,
            "/api/admin/users/{user}/password",
            id: "adminSetPassword",
            "Replaces a user's password; null takes it away.",
            body: .json(.object([.required("password", .nullable(.string))]))
        ) { call in
            let body = try await call.object()
            let password = body.isNull("password") ? nil : try body.text("password")
            let user = call.parameter("user")
            try await hub.accounts.setPassword(name: user, password: password, by: call.actor)
            return .json([:])
        }
    }

    private var tokens: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/users/{user}/tokens",
            id: "adminListTokensOfUser",
            "A user's tokens, oldest first, without the tokens themselves.",
            answer: .array(TokenOperations.token)
        ) { call in
            let tokens = try await hub.accounts.tokens(userName: call.parameter("user"), by: call.actor)
            return .json(.array(tokens.map(\.json)))
        }
    }

    private var revokeToken: APIOperation {
        AdminOperations.operation(
            hub,
            .delete,
            "/api/admin/users/{user}/tokens/{id}",
            id: "adminRevokeToken",
            "Makes a user's token useless, at once and for ever."
        ) { call in
            let (user, id) = (call.parameter("user"), try call.tokenID())
            try await hub.accounts.revokeToken(userName: user, id: id, by: call.actor)
            return .json([:])
        }
    }

    private var allTokens: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/tokens",
            id: "adminListTokens",
            "All tokens, oldest first, without the tokens themselves.",
            query: AdminOperations.paging,
            answer: .array(TokenOperations.token)
        ) { call in
            let after = try call.idCursor()
            return try await AdminOperations.list(call, cursor: \.id.description, json: \.json) { limit in
                try await hub.accounts.tokens(after: after, limit: limit, by: call.actor)
            }
        }
    }
}
