package import Access

extension Records {
    /// Remembers an attachment.
    package func insertAttachment(_ attachment: AttachmentRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO attachments (id, user_id, oid, size, media_type, created_at) VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .text(attachment.id), .id(attachment.userID), .text(attachment.oid), .integer(attachment.size),
                .text(attachment.mediaType), .time(attachment.createdAt),
            ]
        )
    }

    /// An attachment by its id.
    package func attachment(id: String) throws(MetadataError) -> AttachmentRecord? {
        try connection.first(
            "SELECT id, user_id, oid, size, media_type, created_at FROM attachments WHERE id = $1",
            [.text(id)]
        ).map(AttachmentRecord.init(row:))
    }

    /// Bytes of all that an account has attached.
    package func attachmentBytes(userID: RecordID) throws(MetadataError) -> Int64 {
        try connection.first(
            "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes FROM attachments WHERE user_id = $1",
            [.id(userID)]
        )?.integer("bytes") ?? 0
    }

    /// Forgets an attachment whose bytes are not there.
    package func deleteAttachment(id: String) throws(MetadataError) {
        try connection.run("DELETE FROM attachments WHERE id = $1", [.text(id)])
    }
}
