import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// One's own profile and password.
struct ProfileOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [show, change, changePassword] }

    private var show: APIOperation {
        APIOperation(
            .get,
            "/api/settings/profile",
            id: "getProfile",
            "One's own account.",
            tag: .accounts,
            need: .login,
            answers: [200: .json(Self.account)]
        ) { call in .json(try await hub.accounts.account(userName: try call.ownName(), by: call.actor).json) }
    }

    private var change: APIOperation {
        APIOperation(
            .patch,
            "/api/settings/profile",
            id: "changeProfile",
            "Changes full name and e-mail address, as far as they are given; null takes one away.",
            tag: .accounts,
            need: .ownAccount,
            body: .json(Self.profile),
            answers: [200: .json(Self.account)]
        ) { call in
            let name = try call.ownName()
            let body = try await call.object()
            let account = try await hub.accounts.changeProfile(
                userName: name,
                fullName: try ProfileChange(body, "fullname"),
                email: try ProfileChange(body, "email"),
                by: call.actor
            )
            return .json(account.json)
        }
    }

    private var changePassword: APIOperation {
        APIOperation(
            .put,
            "/api/settings/password",
            id: "changePassword",
            "Replaces one's own password, with the present one beside it.",
            tag: .accounts,
            need: .ownAccount,
            body: .json(
                .object([.required("password", .string), .optional("currentPassword", .nullable(.string))])
            ),
            answers: [200: .json(.object([]))]
        ) { call in
            _ = try call.ownName()
            let body = try await call.object()
            try await hub.accounts.changeOwnPassword(
                from: try body.textIfThere("currentPassword"),
                to: try body.text("password"),
                address: call.client,
                by: call.actor
            )
            return .json([:])
        }
    }

    /// What can be changed of a profile.
    static let profile = APISchema.object([
        .optional("fullname", .nullable(.string)), .optional("email", .nullable(.string)),
    ])

    /// An account as `Account.json` tells it.
    static let account = APISchema.object([
        .required("id", .string), .required("name", .string), .required("fullname", .nullable(.string)),
        .required("email", .nullable(.string)), .required("isAdmin", .boolean), .required("isDisabled", .boolean),
        .required("hasPassword", .boolean), .required("createdAt", .date),
    ])
}

extension ProfileChange {
    /// What a body says of one key.
    ///
    /// Here null and absent are not the same.
    init(_ body: APIObject, _ key: String) throws {
        if let text = try body.textIfThere(key) {
            self = .set(text)
        } else {
            self = body.isNull(key) ? .remove : .keep
        }
    }
}

extension Account {
    /// The account as its owner and administrators see it.
    var json: JSONValue {
        [
            "id": .string(id.description), "name": .string(name), "fullname": JSONValue(fullName),
            "email": JSONValue(email), "isAdmin": JSONValue(isAdmin), "isDisabled": JSONValue(isDisabled),
            "hasPassword": JSONValue(hasPassword), "createdAt": .string(createdAt.description),
        ]
    }
}
