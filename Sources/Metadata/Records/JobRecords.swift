package import Access

/// Work to be done soon after the transaction that asks for it.
package struct JobRequest: Sendable, Equatable {
    /// Which work: a word that the runner knows.
    package var kind: String
    /// What it is about; there is one job of a kind for each.
    package var key: String
    /// JSON text with particulars; the last one that was asked with counts.
    package var payload: String
    /// Not before this moment.
    package var runAt: Timestamp

    /// Work from its parts.
    package init(kind: String, key: String, payload: String = "{}", at runAt: Timestamp) {
        self.kind = kind
        self.key = key
        self.payload = payload
        self.runAt = runAt
    }
}

/// A job that waits, runs, or has failed for good.
package struct JobRecord: Sendable, Equatable {
    /// The id.
    package var id: RecordID
    /// Which work.
    package var kind: String
    /// What it is about.
    package var key: String
    /// JSON text with particulars.
    package var payload: String
    /// Not before this moment.
    package var runAt: Timestamp
    /// How often it was begun since it was last asked for.
    package var attempts: Int
    /// Who runs it; nil while nobody does.
    package var lease: RecordID?
    /// When others may think that whoever runs it is gone.
    package var leasedUntil: Timestamp?
    /// Why it failed the last time: one sentence.
    package var lastError: String?
    /// When it was given up; nil while it is not.
    package var failedAt: Timestamp?
    /// When it was first asked for.
    package var createdAt: Timestamp

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        kind = try row.text("kind")
        key = try row.text("job_key")
        payload = try row.text("payload")
        runAt = try row.time("run_at")
        attempts = Int(clamping: try row.integer("attempts"))
        lease = try row.optionalID("lease")
        leasedUntil = try row.optionalTime("leased_until")
        lastError = try row.optionalText("last_error")
        failedAt = try row.optionalTime("failed_at")
        createdAt = try row.time("created_at")
    }
}
