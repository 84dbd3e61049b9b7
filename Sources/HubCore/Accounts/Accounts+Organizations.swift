package import Access
package import Metadata

extension Accounts {
    /// Makes an organisation.
    ///
    /// A user who does so becomes its first member, with role admin; the operator does not.
    ///
    /// - Throws: `HubError.invalid` for a name against the rules; `.conflict` for one that is taken.
    package func createOrganization(name: String, by actor: Actor) async throws -> NamespaceRecord {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        let checked: NamespaceName
        do { checked = try NamespaceName(name) } catch { throw HubError.invalid(error) }
        let organization = NamespaceRecord(
            id: try environment.newID(),
            name: checked.text,
            kind: .organization,
            createdAt: environment.now()
        )
        try await database.transaction { records in
            try requireFree(checked, in: records)
            try records.insertOrganization(organization)
            if let userID = actor.userID {
                try records.setMembership(organizationID: organization.id, userID: userID, role: .admin)
            }
            try journal.audit("organization.created", organization.name, by: actor, in: records)
        }
        return organization
    }

    /// All organisations, by name.
    package func organizations(by actor: Actor) async throws -> [NamespaceRecord] {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        return try await database.read { try $0.organizations() }
    }

    /// Gives a user a role in an organisation, in place of the one before; nil takes it away.
    ///
    /// - Throws: `HubError.notFound` when there is no such organisation or user.
    package func setMembership(
        organization: String,
        user userName: String,
        role: Role?,
        by actor: Actor
    ) async throws {
        try await database.transaction { records in
            let organization = try administrableOrganization(organization, by: actor, in: records)
            let user = try existingUser(userName, in: records)
            try records.setMembership(organizationID: organization.id, userID: user.id, role: role)
            let details: KeyValuePairs = ["user": user.name, "role": role?.rawValue ?? "none"]
            try journal.audit("organization.member.changed", organization.name, by: actor, details, in: records)
        }
    }

    /// An organisation's members, by name; for those who administer it.
    package func members(organization: String, by actor: Actor) async throws -> [MembershipRecord] {
        try await database.read { records in
            let organization = try administrableOrganization(organization, by: actor, in: records)
            return try records.members(organizationID: organization.id)
        }
    }

    /// The organisation of that name, for those who administer it.
    func administrableOrganization(
        _ name: String,
        by actor: Actor,
        in records: Records
    ) throws -> NamespaceRecord {
        guard let organization = try records.namespace(byName: name), organization.kind == .organization else {
            throw HubError.denied(AccessPolicy.denialOfMissing(to: actor), "organization")
        }
        let facts = try records.facts(of: organization, for: actor)
        try AccessPolicy.decide(actor, .administerNamespace, on: .namespace(facts)).require("organization")
        return organization
    }
}
