package import Access
package import Metadata

/// What is to become of an account; nil leaves a part as it is.
package struct UserChange: Sendable {
    /// Whether it administers the hub.
    package var isAdmin: Bool?
    /// Whether all ways in are closed.
    package var isDisabled: Bool?
    /// The person's name.
    package var fullName: ProfileChange
    /// An address for mail.
    package var email: ProfileChange

    /// A change of nothing, unless said otherwise.
    package init(
        isAdmin: Bool? = nil,
        isDisabled: Bool? = nil,
        fullName: ProfileChange = .keep,
        email: ProfileChange = .keep
    ) {
        self.isAdmin = isAdmin
        self.isDisabled = isDisabled
        self.fullName = fullName
        self.email = email
    }
}

extension Accounts {
    /// A page of users, by name; for those who administer the hub.
    ///
    /// - Parameter after: the last name of the page before; nil for the first page.
    package func users(after: String?, limit: Int, by actor: Actor) async throws -> [Account] {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        try Self.check(after)
        return try await database.read { try $0.users(after: after, limit: limit).map(Account.init) }
    }

    /// A page of organisations, by name; for those who administer the hub.
    ///
    /// - Parameter after: the last name of the page before; nil for the first page.
    package func organizations(after: String?, limit: Int, by actor: Actor) async throws -> [NamespaceRecord] {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        try Self.check(after)
        return try await database.read { try $0.organizations(after: after, limit: limit) }
    }

    /// A page of an organisation's members, by name; for those who administer it.
    ///
    /// - Parameter after: the last name of the page before; nil for the first page.
    package func members(
        organization: String,
        after: String?,
        limit: Int,
        by actor: Actor
    ) async throws -> [MembershipRecord] {
        try Self.check(after)
        return try await database.read { records in
            let organization = try administrableOrganization(organization, by: actor, in: records)
            return try records.members(organizationID: organization.id, after: after, limit: limit)
        }
    }

    /// A page of all keys, oldest first; for those who administer the hub.
    ///
    /// - Parameter after: the last id of the page before; nil for the first page.
    package func keys(after: RecordID?, limit: Int, by actor: Actor) async throws -> [KeySummary] {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        return try await database.read { records in
            try records.keys(after: after, limit: limit).map { try KeySummary($0, in: records) }
        }
    }

    /// Changes an account, all of it or nothing; for those who administer the hub.
    ///
    /// - Returns: the account as it is now.
    /// - Throws: `HubError.conflict` when no enabled administrator would be left.
    package func change(userName: String, _ change: UserChange, by actor: Actor) async throws -> Account {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        try Self.check(fullName: change.fullName, email: change.email)
        return try await database.transaction { records in
            if let isAdmin = change.isAdmin {
                try setAdministrator(existingUser(userName, in: records), isAdmin, by: actor, in: records)
            }
            if let isDisabled = change.isDisabled {
                try setDisabled(existingUser(userName, in: records), isDisabled, by: actor, in: records)
            }
            if change.fullName != .keep || change.email != .keep {
                let user = try existingUser(userName, in: records)
                try setProfile(user, fullName: change.fullName, email: change.email, by: actor, in: records)
            }
            return Account(try existingUser(userName, in: records))
        }
    }

    /// A cursor that no name can be would lead to a parameter that no database takes.
    private static func check(_ cursor: String?) throws(HubError) {
        guard cursor?.utf8.contains(0) != true else { throw HubError(.invalid, "The cursor is not one of ours.") }
    }
}
