package import Access

extension Records {
    /// Adds a public key.
    /// - Throws: `conflict` when anybody has the same key, there is no such user or repository, or the role is `admin`;
    ///   `notFound` when there is no such organisation.
    package func insertKey(_ key: KeyRecord) throws(MetadataError) {
        var owners: (user: RecordID?, repository: RecordID?, organization: RecordID?)
        switch key.owner {
        case .user(let id): owners.user = id
        case .repository(let id, _): owners.repository = id
        case .organization(let id, _):
            guard try namespace(id: id)?.kind == .organization else { throw .notFound }
            owners.organization = id
        }
        try connection.run(
            """
            INSERT INTO ssh_keys (id, user_id, repository_id, organization_id, role, title, algorithm, public_key,
                fingerprint, created_at, last_used_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .id(key.id), .id(owners.user), .id(owners.repository), .id(owners.organization), .name(key.owner.role),
                .text(key.title), .text(key.algorithm), .text(key.publicKey), .text(key.fingerprint),
                .time(key.createdAt), .time(key.lastUsedAt),
            ]
        )
    }

    /// A user's keys, oldest first.
    package func keys(userID: RecordID) throws(MetadataError) -> [KeyRecord] {
        try connection.query("\(Self.keySelection) WHERE user_id = $1 ORDER BY id", [.id(userID)])
            .map(KeyRecord.init(row:))
    }

    /// A repository's deploy keys, oldest first.
    package func keys(repositoryID: RecordID) throws(MetadataError) -> [KeyRecord] {
        try connection.query("\(Self.keySelection) WHERE repository_id = $1 ORDER BY id", [.id(repositoryID)])
            .map(KeyRecord.init(row:))
    }

    /// An organisation's keys, oldest first.
    package func keys(organizationID: RecordID) throws(MetadataError) -> [KeyRecord] {
        try connection.query("\(Self.keySelection) WHERE organization_id = $1 ORDER BY id", [.id(organizationID)])
            .map(KeyRecord.init(row:))
    }

    /// All keys, oldest first.
    package func keys() throws(MetadataError) -> [KeyRecord] {
        try connection.query("\(Self.keySelection) ORDER BY id", []).map(KeyRecord.init(row:))
    }

    /// A page of all keys, oldest first.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func keys(after: RecordID?, limit: Int) throws(MetadataError) -> [KeyRecord] {
        try connection.query(
            "\(Self.keySelection) WHERE id > $1 ORDER BY id LIMIT $2",
            [.text(after?.description ?? ""), Self.page(limit)]
        ).map(KeyRecord.init(row:))
    }

    /// The key with an id.
    package func key(id: RecordID) throws(MetadataError) -> KeyRecord? {
        guard let row = try connection.first("\(Self.keySelection) WHERE id = $1", [.id(id)]) else { return nil }
        return try KeyRecord(row: row)
    }

    /// The key with a fingerprint: `SHA256:…`.
    package func key(fingerprint: String) throws(MetadataError) -> KeyRecord? {
        let sql = "\(Self.keySelection) WHERE fingerprint = $1"
        guard let row = try connection.first(sql, [.text(fingerprint)]) else { return nil }
        return try KeyRecord(row: row)
    }

    /// Notes that a key was used, unless that was noted less than a minute before.
    ///
    /// Ask `KeyRecord.needsTouch(at:)` first: a transaction that changes nothing still waits for the writers.
    package func touchKey(id: RecordID, at moment: Timestamp) throws(MetadataError) {
        try connection.run(
            """
            UPDATE ssh_keys SET last_used_at = $2
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
            """,
            [.id(id), .time(moment), .time(moment.adding(seconds: -touchInterval))]
        )
    }

    /// Removes a key.
    /// - Returns: whether there was one.
    package func deleteKey(id: RecordID) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM ssh_keys WHERE id = $1", [.id(id)]) > 0
    }

    private static let keySelection = """
        SELECT id, user_id, repository_id, organization_id, role, title, algorithm, public_key, fingerprint, created_at,
            last_used_at
        FROM ssh_keys
        """
}

extension KeyRecord {
    /// Whether `touchKey` would write: the last use was noted a minute ago or more, or never.
    package func needsTouch(at moment: Timestamp) -> Bool {
        guard let lastUsedAt else { return true }
        return lastUsedAt <= moment.adding(seconds: -touchInterval)
    }
}

/// For how many seconds the time of a use is not noted again.
private let touchInterval: Int64 = 60
