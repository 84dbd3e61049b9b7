package import Access

extension Records {
    /// Notes an upload in parts.
    /// - Throws: `conflict` when there is no such repository.
    package func insertLFSUpload(_ upload: LFSUploadRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO lfs_uploads (id, repository_id, holder, oid, size, part_size, store_upload, created_at,
                expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .id(upload.id), .id(upload.repositoryID), .text(upload.holder), .text(upload.oid),
                .integer(upload.size), .integer(upload.partSize), .text(upload.storeUpload), .time(upload.createdAt),
                .time(upload.expiresAt),
            ]
        )
    }

    /// An upload in parts; nil once it was finished, given up or forgotten.
    package func lfsUpload(id: RecordID) throws(MetadataError) -> LFSUploadRecord? {
        guard let row = try connection.first("\(Self.uploadSelection) WHERE id = $1", [.id(id)]) else { return nil }
        return try LFSUploadRecord(row: row)
    }

    /// The upload of an object that somebody has open and that is not over before a moment; the youngest of several.
    package func lfsUpload(
        repositoryID: RecordID,
        oid: String,
        size: Int64,
        partSize: Int64,
        holder: String,
        openAt moment: Timestamp
    ) throws(MetadataError) -> LFSUploadRecord? {
        try connection.first(
            """
            \(Self.uploadSelection) WHERE repository_id = $1 AND oid = $2 AND holder = $3 AND size = $4
            AND part_size = $5 AND expires_at > $6 ORDER BY id DESC LIMIT 1
            """,
            [
                .id(repositoryID), .text(oid), .text(holder), .integer(size), .integer(partSize), .time(moment),
            ]
        ).map(LFSUploadRecord.init(row:))
    }

    /// How many uploads in parts a repository has open.
    package func lfsUploadCount(repositoryID: RecordID) throws(MetadataError) -> Int {
        try count("SELECT count(*) AS count FROM lfs_uploads WHERE repository_id = $1", [.id(repositoryID)])
    }

    /// Uploads in parts whose time is over, oldest first.
    /// - Parameter limit: 1 through `largestPage`; other values are moved into that range.
    package func expiredLFSUploads(at moment: Timestamp, limit: Int) throws(MetadataError) -> [LFSUploadRecord] {
        try connection.query(
            "\(Self.uploadSelection) WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
            [.time(moment), Self.page(limit)]
        ).map(LFSUploadRecord.init(row:))
    }

    /// Forgets an upload in parts.
    /// - Returns: whether it was known.
    @discardableResult
    package func deleteLFSUpload(id: RecordID) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM lfs_uploads WHERE id = $1", [.id(id)]) > 0
    }

    private static let uploadSelection = """
        SELECT id, repository_id, holder, oid, size, part_size, store_upload, created_at, expires_at FROM lfs_uploads
        """
}
