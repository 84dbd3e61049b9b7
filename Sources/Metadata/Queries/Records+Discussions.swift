package import Access

extension Records {
    /// Takes the next number for a discussion of a repository; it is never given again once the transaction commits.
    /// - Throws: `notFound` when there is no such repository.
    package func takeDiscussionNumber(repositoryID: RecordID) throws(MetadataError) -> Int64 {
        let row = try connection.first(
            "UPDATE repositories SET last_discussion = last_discussion + 1 WHERE id = $1 RETURNING last_discussion",
            [.id(repositoryID)]
        )
        guard let row else { throw .notFound }
        return try row.integer("last_discussion")
    }

    /// The number that was given last; 0 before the first.
    /// - Throws: `notFound` when there is no such repository.
    package func lastDiscussionNumber(repositoryID: RecordID) throws(MetadataError) -> Int64 {
        let sql = "SELECT last_discussion FROM repositories WHERE id = $1"
        guard let row = try connection.first(sql, [.id(repositoryID)]) else { throw .notFound }
        return try row.integer("last_discussion")
    }

    /// Adds a discussion.
    /// - Throws: `conflict` when the number is taken, or when there is no such repository or author.
    package func insertDiscussion(_ discussion: DiscussionRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO discussions (id, repository_id, num, author_id, title, status, is_pull_request, base_ref,
                merge_base, merge_commit, event_count, text_bytes, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            [
                .id(discussion.id), .id(discussion.repositoryID), .integer(discussion.num), .id(discussion.authorID),
                .text(discussion.title), .name(discussion.status), .flag(discussion.isPullRequest),
                .text(orNull: discussion.baseRef), .text(orNull: discussion.mergeBase),
                .text(orNull: discussion.mergeCommit), .integer(discussion.eventCount), .integer(discussion.textBytes),
                .time(discussion.createdAt), .time(discussion.updatedAt),
            ]
        )
    }

    /// Writes what changes in a discussion: title, status, what a merge leaves behind, counts and time.
    /// - Throws: `notFound` when there is no such discussion.
    package func updateDiscussion(_ discussion: DiscussionRecord) throws(MetadataError) {
        try change(
            """
            UPDATE discussions SET title = $2, status = $3, merge_base = $4, merge_commit = $5, event_count = $6,
                text_bytes = $7, updated_at = $8
            WHERE id = $1
            """,
            [
                .id(discussion.id), .text(discussion.title), .name(discussion.status),
                .text(orNull: discussion.mergeBase), .text(orNull: discussion.mergeCommit),
                .integer(discussion.eventCount), .integer(discussion.textBytes), .time(discussion.updatedAt),
            ]
        )
    }

    /// A discussion of a repository by its number.
    package func discussion(repositoryID: RecordID, num: Int64) throws(MetadataError) -> DiscussionRecord? {
        try connection.first(
            "\(Self.discussionSelection) WHERE d.repository_id = $1 AND d.num = $2",
            [.id(repositoryID), .integer(num)]
        ).map(DiscussionRecord.init(row:))
    }

    /// A page of a repository's discussions, youngest first.
    /// - Parameters:
    ///   - skip: how many of them come before the page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func discussions(
        repositoryID: RecordID,
        _ filter: DiscussionFilter,
        skip: Int,
        limit: Int
    ) throws(MetadataError) -> [DiscussionRecord] {
        let (conditions, parameters) = Self.discussionConditions(repositoryID, filter)
        let count = parameters.count
        return try connection.query(
            """
            \(Self.discussionSelection) WHERE \(conditions)
            ORDER BY d.num DESC LIMIT $\(count + 1) OFFSET $\(count + 2)
            """,
            parameters + [Self.page(limit), .integer(Int64(max(skip, 0)))]
        ).map(DiscussionRecord.init(row:))
    }

    /// How many discussions of a repository a filter lets through.
    package func discussionCount(repositoryID: RecordID, _ filter: DiscussionFilter) throws(MetadataError) -> Int {
        let (conditions, parameters) = Self.discussionConditions(repositoryID, filter)
        return try count("SELECT count(*) AS count FROM discussions d WHERE \(conditions)", parameters)
    }

    private static func discussionConditions(
        _ repositoryID: RecordID,
        _ filter: DiscussionFilter
    ) -> (sql: String, parameters: [SQLValue]) {
        var conditions = ["d.repository_id = $1"]
        var parameters = [SQLValue.id(repositoryID)]
        func place(of value: SQLValue) -> String {
            parameters.append(value)
            return "$\(parameters.count)"
        }
        if let isPullRequest = filter.isPullRequest {
            conditions.append("d.is_pull_request = \(place(of: .flag(isPullRequest)))")
        }
        if !filter.statuses.isEmpty {
            let places = filter.statuses.map { place(of: .name($0)) }
            conditions.append("d.status IN (\(places.joined(separator: ", ")))")
        }
        if let authorID = filter.authorID { conditions.append("d.author_id = \(place(of: .id(authorID)))") }
        return (conditions.joined(separator: " AND "), parameters)
    }

    private static let discussionSelection = """
        SELECT d.id, d.repository_id, d.num, d.author_id, n.name AS author_name, d.title, d.status,
            d.is_pull_request, d.base_ref, d.merge_base, d.merge_commit, d.event_count, d.text_bytes, d.created_at,
            d.updated_at
        FROM discussions d LEFT JOIN namespaces n ON n.id = d.author_id
        """
}
