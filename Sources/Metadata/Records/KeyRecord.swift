package import Access

/// A public key for SSH.
package struct KeyRecord: Sendable, Equatable {
    /// Whose a key is: exactly one of these.
    package enum Owner: Sendable, Equatable {
        /// A user, whom it signs in.
        case user(RecordID)
        /// A repository, in which it acts in a role: a deploy key.
        ///
        /// It goes when the repository goes.
        case repository(RecordID, role: Role)
        /// An organisation, in whose repositories it acts in a role.
        case organization(RecordID, role: Role)
    }

    /// The id of the key.
    package var id: RecordID
    /// Whose it is.
    package var owner: Owner
    /// What its owner calls it.
    package var title: String
    /// The algorithm's name as in the OpenSSH line: `ssh-ed25519`.
    package var algorithm: String
    /// The key in base64, the second word of the OpenSSH line.
    package var publicKey: String
    /// `SHA256:` and the unpadded base64 digest; unique in the hub.
    package var fingerprint: String
    /// When it was added.
    package var createdAt: Timestamp
    /// When it was last used, to about a minute.
    package var lastUsedAt: Timestamp?

    /// A key from its parts.
    package init(
        id: RecordID,
        owner: Owner,
        title: String,
        algorithm: String,
        publicKey: String,
        fingerprint: String,
        createdAt: Timestamp,
        lastUsedAt: Timestamp? = nil
    ) {
        self.id = id
        self.owner = owner
        self.title = title
        self.algorithm = algorithm
        self.publicKey = publicKey
        self.fingerprint = fingerprint
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        owner = try Owner(row: row)
        title = try row.text("title")
        algorithm = try row.text("algorithm")
        publicKey = try row.text("public_key")
        fingerprint = try row.text("fingerprint")
        createdAt = try row.time("created_at")
        lastUsedAt = try row.optionalTime("last_used_at")
    }
}

extension KeyRecord.Owner {
    /// The user, repository or organisation.
    package var id: RecordID {
        switch self {
        case .user(let id), .repository(let id, _), .organization(let id, _): id
        }
    }

    /// What the key may do at most; nil for a user's, which may do what the user may.
    package var role: Role? {
        switch self {
        case .user: nil
        case .repository(_, let role), .organization(_, let role): role
        }
    }

    init(row: SQLRow) throws(MetadataError) {
        let (user, repository) = (try row.optionalID("user_id"), try row.optionalID("repository_id"))
        let (organization, role): (RecordID?, Role?) = (
            try row.optionalID("organization_id"), try row.optionallyNamed("role")
        )
        switch (user, repository, organization, role) {
        case (let user?, nil, nil, nil): self = .user(user)
        case (nil, let repository?, nil, let role?): self = .repository(repository, role: role)
        case (nil, nil, let organization?, let role?): self = .organization(organization, role: role)
        default: throw .corrupt("ssh_keys has a key without exactly one owner")
        }
    }
}
