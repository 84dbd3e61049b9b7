package import Access

extension Records {
    /// Adds an event to the outbox, in the transaction of its cause.
    package func insertEvent(_ event: EventRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO events (id, kind, repository_id, actor, payload, created_at) VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .id(event.id), .text(event.kind), .id(event.repositoryID), .text(event.actor), .text(event.payload),
                .time(event.createdAt),
            ]
        )
    }

    /// The event with an id.
    package func event(id: RecordID) throws(MetadataError) -> EventRecord? {
        try connection.first(
            "SELECT id, kind, repository_id, actor, payload, created_at FROM events WHERE id = $1",
            [.id(id)]
        ).map(EventRecord.init(row:))
    }

    /// A page of events in the order of their ids.
    ///
    /// Ids are made before a transaction commits, so an event may appear with a smaller id than one already seen.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func events(after: RecordID?, limit: Int) throws(MetadataError) -> [EventRecord] {
        try connection.query(
            """
            SELECT id, kind, repository_id, actor, payload, created_at FROM events
            WHERE id > $1 ORDER BY id LIMIT $2
            """,
            [.text(after?.description ?? ""), Self.page(limit)]
        ).map(EventRecord.init(row:))
    }

    /// Adds a line to the audit log, in the transaction of the change.
    package func insertAudit(_ line: AuditRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO audit (id, actor, actor_id, action, subject, address, request_id, details, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .id(line.id), .text(line.actor), .id(line.actorID), .text(line.action), .text(line.subject),
                .text(orNull: line.address), .text(orNull: line.requestID), .text(line.details), .time(line.createdAt),
            ]
        )
    }

    /// The last lines of the audit log, newest first.
    /// - Parameters:
    ///   - before: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func audit(before: RecordID? = nil, limit: Int) throws(MetadataError) -> [AuditRecord] {
        try connection.query(
            """
            SELECT id, actor, actor_id, action, subject, address, request_id, details, created_at FROM audit
            WHERE id < $1 ORDER BY id DESC LIMIT $2
            """,
            // Greater than every id, which are hexadecimal digits.
            [.text(before?.description ?? "g"), Self.page(limit)]
        ).map(AuditRecord.init(row:))
    }
}
