import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Organisations and who belongs to them.
struct OrganizationAdministration: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, create, members, setMember, removeMember] }

    private static let organization = APISchema.object([
        .required("id", .string), .required("name", .string), .required("createdAt", .date),
    ])
    private static let member = APISchema.object([.required("user", .string), .required("role", .role)])

    private var list: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/organizations",
            id: "adminListOrganizations",
            "All organisations, by name.",
            query: AdminOperations.paging,
            answer: .array(Self.organization)
        ) { call in
            try await AdminOperations.list(call, cursor: \.name, json: \.json) { limit in
                try await hub.accounts.organizations(after: call.query.first("cursor"), limit: limit, by: call.actor)
            }
        }
    }

    private var create: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            "/api/admin/organizations",
            id: "adminCreateOrganization",
            "Makes an organisation, of which the asker becomes an administrator.",
            body: .json(.object([.required("name", .string)])),
            answer: Self.organization
        ) { call in
            let name = try await call.object().text("name")
            return .json(try await hub.accounts.createOrganization(name: name, by: call.actor).json)
        }
    }

    private var members: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/organizations/{organization}/members",
            id: "adminListMembers",
            "An organisation's members, by name.",
            query: AdminOperations.paging,
            answer: .array(Self.member)
        ) { call in
            try await AdminOperations.list(call, cursor: \.userName, json: \.json) { limit in
                try await hub.accounts.members(
                    organization: call.parameter("organization"),
                    after: call.query.first("cursor"),
                    limit: limit,
                    by: call.actor
                )
            }
        }
    }

    private var setMember: APIOperation {
        AdminOperations.operation(
            hub,
            .put,
            "/api/admin/organizations/{organization}/members/{user}",
            id: "adminSetMember",
            "Gives a user a role in an organisation, in place of the one before.",
            body: .json(.object([.required("role", .role)]))
        ) { call in try await setRole(try APICall.requiredRole(try await call.object(), "role"), call) }
    }

    private var removeMember: APIOperation {
        AdminOperations.operation(
            hub,
            .delete,
            "/api/admin/organizations/{organization}/members/{user}",
            id: "adminRemoveMember",
            "Ends a user's membership, if there is one."
        ) { call in try await setRole(nil, call) }
    }

    private func setRole(_ role: Role?, _ call: APICall) async throws -> Answer {
        try await hub.accounts.setMembership(
            organization: call.parameter("organization"),
            user: call.parameter("user"),
            role: role,
            by: call.actor
        )
        return .json([:])
    }
}

extension NamespaceRecord {
    fileprivate var json: JSONValue {
        [
            "id": .string(id.description), "name": .string(name), "createdAt": .string(createdAt.description),
        ]
    }
}

extension MembershipRecord {
    fileprivate var json: JSONValue { ["user": .string(userName), "role": .string(role.rawValue)] }
}
