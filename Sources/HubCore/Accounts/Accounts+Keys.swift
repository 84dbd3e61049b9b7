package import Access
package import Metadata

extension Accounts {
    /// Adds an SSH key to an account.
    ///
    /// - Parameters:
    ///   - title: what its owner calls it; nil takes the line's comment, or else the fingerprint.
    ///   - openSSHText: one line, as in a `.pub` file.
    /// - Throws: `HubError.invalid` for what is not a key that we take; `.conflict` when anybody has the key.
    package func addKey(
        userName: String,
        title: String?,
        openSSHText: String,
        by actor: Actor
    ) async throws -> KeyRecord {
        try requireOwnership(of: userName, by: actor)
        let parsed = try ParsedKey(openSSHText, title: title)
        return try await database.transaction { records in
            let user = try existingUser(userName, in: records)
            try requireNoMore(than: actor, scope: nil, expiresAt: nil, in: records)
            try requireRoom(records.keys(userID: user.id).count)
            let key = try insert(parsed, .user(user.id), in: records)
            try journal.audit("key.added", user.name, by: actor, ["fingerprint": key.fingerprint], in: records)
            return key
        }
    }

    /// Adds a deploy key: a key that acts in one repository, for nobody.
    ///
    /// - Parameters:
    ///   - role: read or write.
    ///   - title: what people call it; nil takes the line's comment, or else the fingerprint.
    ///   - openSSHText: one line, as in a `.pub` file.
    /// - Throws: as for a user's key; and as `Access` decides about who may administer the repository.
    package func addDeployKey(
        to address: RepositoryAddress,
        role: Role,
        title: String?,
        openSSHText: String,
        by actor: Actor
    ) async throws -> KeyRecord {
        try await database.transaction { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            try requireNotOutliving(actor, expiresAt: nil, in: records)
            let parsed = try ParsedKey(openSSHText, title: title)
            try requireRoom(records.keys(repositoryID: repository.id).count)
            let key = try insert(parsed, .repository(repository.id, role: try role.ofKey()), in: records)
            let details: KeyValuePairs = ["fingerprint": key.fingerprint, "role": role.rawValue]
            try journal.record("repository.key.added", repository, by: actor, details, in: records)
            return key
        }
    }

    /// Adds a key that acts in all repositories of an organisation, for nobody.
    ///
    /// - Parameters:
    ///   - role: read or write.
    ///   - title: what people call it; nil takes the line's comment, or else the fingerprint.
    ///   - openSSHText: one line, as in a `.pub` file.
    /// - Throws: as for a user's key; and as `Access` decides about who may administer the organisation.
    package func addOrganizationKey(
        to organization: String,
        role: Role,
        title: String?,
        openSSHText: String,
        by actor: Actor
    ) async throws -> KeyRecord {
        try await database.transaction { records in
            let organization = try administrableOrganization(organization, by: actor, in: records)
            try requireNotOutliving(actor, expiresAt: nil, in: records)
            let parsed = try ParsedKey(openSSHText, title: title)
            try requireRoom(records.keys(organizationID: organization.id).count)
            let key = try insert(parsed, .organization(organization.id, role: try role.ofKey()), in: records)
            let details: KeyValuePairs = ["fingerprint": key.fingerprint, "role": role.rawValue]
            try journal.audit("organization.key.added", organization.name, by: actor, details, in: records)
            return key
        }
    }

    /// A user, a repository or an organisation has no more keys than this.
    package static let mostKeys = 100

    private func requireRoom(_ count: Int) throws(HubError) {
        guard count < Self.mostKeys else {
            throw HubError(.conflict, "There are \(Self.mostKeys) keys already. Remove one first.")
        }
    }

    private func insert(_ parsed: ParsedKey, _ owner: KeyRecord.Owner, in records: Records) throws -> KeyRecord {
        guard try records.key(fingerprint: parsed.fingerprint) == nil else {
            throw HubError(.conflict, "This key is in use already.")
        }
        let key = KeyRecord(
            id: try environment.newID(),
            owner: owner,
            title: parsed.title,
            algorithm: parsed.key.algorithm,
            publicKey: parsed.key.base64,
            fingerprint: parsed.fingerprint,
            createdAt: environment.now()
        )
        try records.insertKey(key)
        return key
    }
}

/// A key that was handed in, checked.
private struct ParsedKey {
    let key: SSHPublicKey
    let fingerprint: String
    let title: String

    init(_ openSSHText: String, title: String?) throws {
        do { key = try SSHPublicKey(openSSHLine: openSSHText) } catch { throw HubError.invalid(error) }
        fingerprint = try key.fingerprint()
        self.title = title ?? (key.comment.isEmpty ? fingerprint : key.comment)
        try LabelRules.check(self.title, "A key's title")
    }
}

extension Role {
    /// The role of a key that is nobody's: a stolen one must not be able to administer.
    fileprivate func ofKey() throws(HubError) -> Role {
        guard self <= .write else { throw .invalid("The role of a key is read or write.") }
        return self
    }
}
