package import Access

extension Records {
    /// Adds a public key.
    /// - Throws: `conflict` when anybody has added the same key.
    package func insertKey(_ key: KeyRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO ssh_keys (id, user_id, title, algorithm, public_key, fingerprint, created_at, last_used_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .id(key.id), .id(key.userID), .text(key.title), .text(key.algorithm), .text(key.publicKey),
                .text(key.fingerprint), .time(key.createdAt), .time(key.lastUsedAt),
            ]
        )
    }

    /// A user's keys, oldest first.
    package func keys(userID: RecordID) throws(MetadataError) -> [KeyRecord] {
        try connection.query("\(Self.keySelection) WHERE user_id = $1 ORDER BY id", [.id(userID)])
            .map(KeyRecord.init(row:))
    }

    /// The key with a fingerprint: `SHA256:…`.
    package func key(fingerprint: String) throws(MetadataError) -> KeyRecord? {
        let sql = "\(Self.keySelection) WHERE fingerprint = $1"
        guard let row = try connection.first(sql, [.text(fingerprint)]) else { return nil }
        return try KeyRecord(row: row)
    }

    /// Notes when a key was used.
    package func touchKey(id: RecordID, at moment: Timestamp) throws(MetadataError) {
        try connection.run("UPDATE ssh_keys SET last_used_at = $2 WHERE id = $1", [.id(id), .time(moment)])
    }

    /// Removes a key.
    /// - Returns: whether there was one.
    package func deleteKey(id: RecordID) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM ssh_keys WHERE id = $1", [.id(id)]) > 0
    }

    private static let keySelection = """
        SELECT id, user_id, title, algorithm, public_key, fingerprint, created_at, last_used_at FROM ssh_keys
        """
}
