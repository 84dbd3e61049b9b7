import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Who may do what in a repository: grants, and refs that need a role.
struct GrantAdministration: Sendable {
    let hub: Hub

    var all: [APIOperation] { [grants, grant, revoke, protections, protect, unprotect] }

    private static let grantPath = RepositoryAdministration.path + "/grants"
    private static let protectionPath = RepositoryAdministration.path + "/protected-refs"

    private static let protection = APISchema.object([
        .required("pattern", .string), .required("push", .role), .required("forcePush", .nullable(.role)),
        .required("delete", .nullable(.role)),
    ])

    private var grants: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            PathTemplate(Self.grantPath),
            id: "adminListGrants",
            "The roles that a repository gives, by user's name.",
            answer: .array(.object([.required("user", .string), .required("role", .role)]))
        ) { call in
            let grants = try await hub.repositories.grants(try call.repository(), by: call.actor)
            return .json(
                .array(grants.map { ["user": .string($0.userName), "role": .string($0.role.rawValue)] })
            )
        }
    }

    private var grant: APIOperation {
        AdminOperations.operation(
            hub,
            .put,
            PathTemplate(Self.grantPath + "/{user}"),
            id: "adminSetGrant",
            "Gives a user a role in a repository, in place of the one before.",
            body: .json(.object([.required("role", .role)]))
        ) { call in try await setGrant(try APICall.requiredRole(try await call.object(), "role"), call) }
    }

    private var revoke: APIOperation {
        AdminOperations.operation(
            hub,
            .delete,
            PathTemplate(Self.grantPath + "/{user}"),
            id: "adminRemoveGrant",
            "Takes a user's role in a repository away, if there is one."
        ) { call in try await setGrant(nil, call) }
    }

    private func setGrant(_ role: Role?, _ call: APICall) async throws -> Answer {
        let user = call.parameter("user")
        try await hub.repositories.grant(try call.repository(), userName: user, role: role, by: call.actor)
        return .json([:])
    }

    private var protections: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            PathTemplate(Self.protectionPath),
            id: "adminListProtectedRefs",
            "The refs of a repository that need a role.",
            answer: .array(Self.protection)
        ) { call in
            let protections = try await hub.repositories.protectedRefs(try call.repository(), by: call.actor)
            return .json(.array(protections.map(\.json)))
        }
    }

    private var protect: APIOperation {
        AdminOperations.operation(
            hub,
            .put,
            PathTemplate(Self.protectionPath),
            id: "adminProtectRefs",
            "Lets only some roles change the refs of a pattern, in place of the rule it had before; null is nobody.",
            body: .json(
                .object([
                    .required("pattern", .string), .optional("push", .nullable(.role)),
                    .optional("forcePush", .nullable(.role)), .optional("delete", .nullable(.role)),
                ])
            )
        ) { call in
            let body = try await call.object()
            try await hub.repositories.protectRef(
                try call.repository(),
                pattern: try body.text("pattern"),
                pushRole: try APICall.role(body, "push") ?? .write,
                forcePushRole: try APICall.role(body, "forcePush"),
                deleteRole: try APICall.role(body, "delete"),
                by: call.actor
            )
            return .json([:])
        }
    }

    private var unprotect: APIOperation {
        AdminOperations.operation(
            hub,
            .delete,
            PathTemplate(Self.protectionPath),
            id: "adminUnprotectRefs",
            "Ends the protection by a pattern.",
            query: [.init("pattern", .string, "The pattern, as it was given.")]
        ) { call in
            guard let pattern = call.query.first("pattern") else {
                throw HTTPFailure(.badRequest, "The query lacks the item 'pattern'.")
            }
            try await hub.repositories.unprotectRef(try call.repository(), pattern: pattern, by: call.actor)
            return .json([:])
        }
    }
}

extension ProtectedRefRecord {
    fileprivate var json: JSONValue {
        [
            "pattern": .string(pattern), "push": .string(pushRole.rawValue),
            "forcePush": JSONValue(forcePushRole?.rawValue), "delete": JSONValue(deleteRole?.rawValue),
        ]
    }
}
