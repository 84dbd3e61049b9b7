package import Access

/// A picture or the like that somebody attached to what they wrote.
package struct AttachmentRecord: Sendable, Equatable {
    /// 32 hexadecimal digits that nobody can guess: whoever has the address may read the attachment.
    package var id: String
    /// Who attached it; nil when the account is gone.
    package var userID: RecordID?
    /// The SHA-256 of its bytes, in lower-case hexadecimal digits.
    package var oid: String
    /// Bytes.
    package var size: Int64
    /// What it is, such as "image/png".
    package var mediaType: String
    /// When it came.
    package var createdAt: Timestamp

    /// An attachment from its parts.
    package init(id: String, userID: RecordID?, oid: String, size: Int64, mediaType: String, createdAt: Timestamp) {
        self.id = id
        self.userID = userID
        self.oid = oid
        self.size = size
        self.mediaType = mediaType
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.text("id")
        userID = try row.optionalID("user_id")
        oid = try row.text("oid")
        size = try row.integer("size")
        mediaType = try row.text("media_type")
        createdAt = try row.time("created_at")
    }
}
