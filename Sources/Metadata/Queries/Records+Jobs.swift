package import Access

extension Records {
    /// Asks for work, in the transaction of its cause.
    ///
    /// Work of the same kind and key that waits or has failed is the same work: it gets the new payload and time and all
    /// its tries back. Where it runs at the moment it runs once more afterwards.
    /// - Parameter id: of the job, if there is none yet.
    package func enqueue(_ job: JobRequest, id: RecordID, at moment: Timestamp) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO jobs (id, kind, job_key, payload, run_at, attempts, is_wanted_again, created_at)
            VALUES ($1, $2, $3, $4, $5, 0, 0, $6)
            ON CONFLICT (kind, job_key) DO UPDATE SET payload = excluded.payload, run_at = excluded.run_at,
                attempts = 0, failed_at = NULL,
                is_wanted_again = CASE WHEN jobs.lease IS NULL THEN 0 ELSE 1 END
            """,
            [.id(id), .text(job.kind), .text(job.key), .text(job.payload), .time(job.runAt), .time(moment)]
        )
    }

    /// Sees to it that a job is there and runs no later than its time; one that runs now is left alone.
    package func schedule(_ job: JobRequest, id: RecordID, at moment: Timestamp) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO jobs (id, kind, job_key, payload, run_at, attempts, is_wanted_again, created_at)
            VALUES ($1, $2, $3, $4, $5, 0, 0, $6)
            ON CONFLICT (kind, job_key) DO UPDATE SET run_at = CASE WHEN jobs.run_at < excluded.run_at
                THEN jobs.run_at ELSE excluded.run_at END, failed_at = NULL
            """,
            [.id(id), .text(job.kind), .text(job.key), .text(job.payload), .time(job.runAt), .time(moment)]
        )
    }

    /// Whether there is a job of a kind to run.
    package func hasDueJob(kind: String, at moment: Timestamp) throws(MetadataError) -> Bool {
        let sql = "SELECT 1 AS due FROM jobs WHERE \(Self.due) LIMIT 1"
        return try connection.first(sql, [.text(kind), .time(moment)]) != nil
    }

    /// Takes the jobs of a kind that have waited longest, so that nobody else runs them until the lease is over.
    /// - Parameters:
    ///   - lease: by which whoever takes them is known.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func takeJobs(
        kind: String,
        lease: RecordID,
        until: Timestamp,
        at moment: Timestamp,
        limit: Int
    ) throws(MetadataError) -> [JobRecord] {
        try connection.query(
            """
            UPDATE jobs SET lease = $3, leased_until = $4, attempts = attempts + 1, is_wanted_again = 0
            WHERE id IN (SELECT id FROM jobs WHERE \(Self.due) ORDER BY run_at, id LIMIT $5)
            RETURNING \(Self.jobColumns)
            """,
            [.text(kind), .time(moment), .id(lease), .time(until), Self.page(limit)]
        ).map(JobRecord.init(row:))
    }

    /// Ends a job that was done; one that was asked for again in the meantime waits again.
    /// - Returns: false when it is not that lease's any more.
    @discardableResult
    package func finishJob(id: RecordID, lease: RecordID) throws(MetadataError) -> Bool {
        let isDone = try connection.run(
            "DELETE FROM jobs WHERE id = $1 AND lease = $2 AND is_wanted_again = 0",
            [.id(id), .id(lease)]
        )
        guard isDone == 0 else { return true }
        return try release(id: id, lease: lease, "attempts = 0, last_error = NULL", [])
    }

    /// Lets a job wait for another try.
    /// - Parameters:
    ///   - counts: whether the try that was broken off is one of those that it has.
    /// - Returns: false when it is not that lease's any more.
    @discardableResult
    package func retryJob(
        id: RecordID,
        lease: RecordID,
        at moment: Timestamp,
        error: String?,
        counts: Bool
    ) throws(MetadataError) -> Bool {
        // What was asked for again runs when that asked for it, with all its tries.
        try release(
            id: id,
            lease: lease,
            """
            run_at = CASE WHEN is_wanted_again = 1 THEN run_at ELSE $3 END, last_error = $4,
            attempts = CASE WHEN is_wanted_again = 1 THEN 0 ELSE attempts - $5 END
            """,
            [.time(moment), .text(orNull: error), .integer(counts ? 0 : 1)]
        )
    }

    /// Gives a job up, unless it was asked for again in the meantime.
    /// - Returns: false when it is not that lease's any more.
    @discardableResult
    package func failJob(
        id: RecordID,
        lease: RecordID,
        at moment: Timestamp,
        error: String
    ) throws(MetadataError) -> Bool {
        try release(
            id: id,
            lease: lease,
            """
            failed_at = CASE WHEN is_wanted_again = 1 THEN NULL ELSE $3 END, last_error = $4,
            attempts = CASE WHEN is_wanted_again = 1 THEN 0 ELSE attempts END
            """,
            [.time(moment), .text(error)]
        )
    }

    /// A page of jobs in the order of their ids: those that wait or run, or those that were given up.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func jobs(failed: Bool, after: RecordID?, limit: Int) throws(MetadataError) -> [JobRecord] {
        try connection.query(
            """
            SELECT \(Self.jobColumns) FROM jobs
            WHERE id > $1 AND failed_at IS \(failed ? "NOT NULL" : "NULL") ORDER BY id LIMIT $2
            """,
            [.text(after?.description ?? ""), Self.page(limit)]
        ).map(JobRecord.init(row:))
    }

    /// Removes a job.
    package func deleteJob(kind: String, key: String) throws(MetadataError) {
        try connection.run("DELETE FROM jobs WHERE kind = $1 AND job_key = $2", [.text(kind), .text(key)])
    }

    private func release(
        id: RecordID,
        lease: RecordID,
        _ change: String,
        _ parameters: [SQLValue]
    ) throws(MetadataError) -> Bool {
        try connection.run(
            """
            UPDATE jobs SET lease = NULL, leased_until = NULL, is_wanted_again = 0, \(change)
            WHERE id = $1 AND lease = $2
            """,
            [.id(id), .id(lease)] + parameters
        ) > 0
    }

    private static let due = """
        kind = $1 AND run_at <= $2 AND failed_at IS NULL AND (lease IS NULL OR leased_until <= $2)
        """

    private static let jobColumns = """
        id, kind, job_key, payload, run_at, attempts, lease, leased_until, last_error, failed_at, created_at
        """
}
