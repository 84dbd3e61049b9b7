package import Access

extension Records {
    /// Keeps what a repository's files say, in place of what was kept before.
    /// - Parameter terms: tags that it is found by, those of the index included.
    /// - Returns: false when the repository is gone.
    @discardableResult
    package func setCard(
        repositoryID: RecordID,
        type: RepositoryType,
        _ card: CardRecord,
        foundBy terms: Set<String>
    ) throws(MetadataError) -> Bool {
        guard try repository(id: repositoryID) != nil else { return false }
        try connection.run(
            """
            INSERT INTO cards (repository_id, commit_oid, committed_at, tags, pipeline_tag, library_name, parameters,
                git_bytes, card, details)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (repository_id) DO UPDATE SET commit_oid = excluded.commit_oid,
                committed_at = excluded.committed_at, tags = excluded.tags, pipeline_tag = excluded.pipeline_tag,
                library_name = excluded.library_name, parameters = excluded.parameters,
                git_bytes = excluded.git_bytes, card = excluded.card, details = excluded.details
            """,
            [
                .id(repositoryID), .text(card.commit), .time(card.committedAt), .text(card.tags),
                .text(orNull: card.pipelineTag), .text(orNull: card.libraryName),
                card.parameters.map(SQLValue.integer) ?? .null, .integer(card.gitBytes), .text(orNull: card.card),
                .text(card.details),
            ]
        )
        try setTags(repositoryID: repositoryID, type: type, terms)
        return true
    }

    /// Forgets what a repository's files said: it has none any more.
    package func deleteCard(repositoryID: RecordID, type: RepositoryType) throws(MetadataError) {
        try connection.run("DELETE FROM cards WHERE repository_id = $1", [.id(repositoryID)])
        try setTags(repositoryID: repositoryID, type: type, [])
    }

    /// Most pushes change no tag, so what is there already is left alone.
    private func setTags(repositoryID: RecordID, type: RepositoryType, _ tags: Set<String>) throws(MetadataError) {
        let rows = try connection.query(
            "SELECT tag FROM repository_tags WHERE repository_id = $1",
            [.id(repositoryID)]
        )
        let known = Set(try rows.map { (row) throws(MetadataError) in try row.text(at: 0) })
        for tag in known.subtracting(tags).sorted() {
            try connection.run(
                "DELETE FROM repository_tags WHERE tag = $1 AND type = $2 AND repository_id = $3",
                [.text(tag), .name(type), .id(repositoryID)]
            )
        }
        for tag in tags.subtracting(known).sorted() {
            try connection.run(
                "INSERT INTO repository_tags (tag, type, repository_id) VALUES ($1, $2, $3)",
                [.text(tag), .name(type), .id(repositoryID)]
            )
        }
    }

    /// The tags of the public repositories of a type, those on most repositories first.
    ///
    /// It reads every tag of every repository of the type.
    package func commonTags(type: RepositoryType, limit: Int) throws(MetadataError) -> [(tag: String, count: Int)] {
        let rows = try connection.query(
            """
            SELECT t.tag, count(*) AS count FROM repositories r JOIN repository_tags t ON t.repository_id = r.id
            WHERE r.type = $1 AND r.visibility = 'public' AND r.is_disabled = 0
            GROUP BY t.tag ORDER BY count(*) DESC, t.tag LIMIT $2
            """,
            [.name(type), .integer(Int64(limit))]
        )
        return try rows.map { (row) throws(MetadataError) in
            (try row.text("tag"), Int(clamping: try row.integer("count")))
        }
    }

    /// Asks for a repository's files to be read again, in the transaction that changes them.
    package func enqueueCard(repositoryID: RecordID, id: RecordID, at moment: Timestamp) throws(MetadataError) {
        try enqueue(JobRequest(kind: Self.cardJob, key: repositoryID.text, at: moment), id: id, at: moment)
    }

    /// The kind of job that reads a repository's files.
    package static let cardJob = "card"
}
