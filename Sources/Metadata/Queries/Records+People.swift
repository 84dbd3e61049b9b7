package import Access

// Accounts that are disabled are in no list and no count of people.
extension Records {
    /// Notes that a user likes a repository.
    /// - Returns: false when that was so already.
    /// - Throws: `conflict` when there is no such repository or user.
    package func insertLike(
        id: RecordID,
        repositoryID: RecordID,
        userID: RecordID,
        at moment: Timestamp
    ) throws(MetadataError) -> Bool {
        try connection.run(
            """
            INSERT INTO likes (id, repository_id, user_id, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, repository_id) DO NOTHING
            """,
            [.id(id), .id(repositoryID), .id(userID), .time(moment)]
        ) > 0
    }

    /// Notes that a user likes a repository no longer.
    /// - Returns: false when that was so already.
    package func deleteLike(repositoryID: RecordID, userID: RecordID) throws(MetadataError) -> Bool {
        try connection.run(
            "DELETE FROM likes WHERE repository_id = $1 AND user_id = $2",
            [.id(repositoryID), .id(userID)]
        ) > 0
    }

    /// How many repositories a user likes, whoever may see them.
    package func likeCount(userID: RecordID) throws(MetadataError) -> Int {
        try count("SELECT count(*) AS count FROM likes WHERE user_id = $1", [.id(userID)])
    }

    /// How many public repositories a user likes.
    package func publicLikeCount(userID: RecordID) throws(MetadataError) -> Int {
        try count(
            """
            SELECT count(*) AS count FROM likes l JOIN repositories r ON r.id = l.repository_id
            WHERE l.user_id = $1 AND r.visibility = 'public' AND r.is_disabled = 0
            """,
            [.id(userID)]
        )
    }

    /// A page of what a user likes, oldest like first.
    /// - Parameters:
    ///   - after: the last like of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func likes(userID: RecordID, after: RecordID?, limit: Int) throws(MetadataError) -> [LikeRecord] {
        try connection.query(
            """
            SELECT id, repository_id, created_at FROM likes WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3
            """,
            [.id(userID), .text(after?.description ?? ""), Self.page(limit)]
        ).map(LikeRecord.init(row:))
    }

    /// A page of who likes a repository, first like first.
    package func likers(repositoryID: RecordID, after: String?, limit: Int) throws(MetadataError) -> [PersonRecord] {
        try people("likes l", "l.id", "l.user_id", "l.repository_id = $1", repositoryID, after, limit)
    }

    /// Notes that a user follows a user or an organisation.
    /// - Throws: `conflict` when there is no such namespace or user.
    package func insertFollow(
        id: RecordID,
        namespaceID: RecordID,
        userID: RecordID,
        at moment: Timestamp
    ) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO follows (id, namespace_id, user_id, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, namespace_id) DO NOTHING
            """,
            [.id(id), .id(namespaceID), .id(userID), .time(moment)]
        )
    }

    /// Notes that a user follows a user or an organisation no longer.
    package func deleteFollow(namespaceID: RecordID, userID: RecordID) throws(MetadataError) {
        try connection.run(
            "DELETE FROM follows WHERE namespace_id = $1 AND user_id = $2",
            [.id(namespaceID), .id(userID)]
        )
    }

    /// Whether a user follows a user or an organisation.
    package func follows(userID: RecordID, namespaceID: RecordID) throws(MetadataError) -> Bool {
        try connection.first(
            "SELECT id FROM follows WHERE user_id = $1 AND namespace_id = $2",
            [.id(userID), .id(namespaceID)]
        ) != nil
    }

    /// How many follow a user or an organisation.
    package func followerCount(namespaceID: RecordID) throws(MetadataError) -> Int {
        try count(
            """
            SELECT count(*) AS count FROM follows f JOIN users u ON u.id = f.user_id
            WHERE f.namespace_id = $1 AND u.is_disabled = 0
            """,
            [.id(namespaceID)]
        )
    }

    /// How many users a user follows.
    package func followingCount(userID: RecordID) throws(MetadataError) -> Int {
        try count(
            """
            SELECT count(*) AS count FROM follows f JOIN users u ON u.id = f.namespace_id
            WHERE f.user_id = $1 AND u.is_disabled = 0
            """,
            [.id(userID)]
        )
    }

    /// How many users and organisations a user follows.
    package func followCount(userID: RecordID) throws(MetadataError) -> Int {
        try count("SELECT count(*) AS count FROM follows WHERE user_id = $1", [.id(userID)])
    }

    /// A page of who follows a user or an organisation, who came first is first.
    package func followers(namespaceID: RecordID, after: String?, limit: Int) throws(MetadataError) -> [PersonRecord] {
        try people("follows f", "f.id", "f.user_id", "f.namespace_id = $1", namespaceID, after, limit)
    }

    /// A page of the users whom a user follows.
    package func following(userID: RecordID, after: String?, limit: Int) throws(MetadataError) -> [PersonRecord] {
        try people("follows f", "f.id", "f.namespace_id", "f.user_id = $1", userID, after, limit)
    }

    /// A page of an organisation's members as everybody sees them, by name without regard to case.
    package func memberPeople(
        organizationID: RecordID,
        after: String?,
        limit: Int
    ) throws(MetadataError) -> [PersonRecord] {
        let column = "n.folded_name"
        return try people("memberships m", column, "m.user_id", "m.organization_id = $1", organizationID, after, limit)
    }

    /// How many members an organisation has.
    package func memberCount(organizationID: RecordID) throws(MetadataError) -> Int {
        try count(
            """
            SELECT count(*) AS count FROM memberships m JOIN users u ON u.id = m.user_id
            WHERE m.organization_id = $1 AND u.is_disabled = 0
            """,
            [.id(organizationID)]
        )
    }

    /// How many repositories of each type a namespace has.
    package func repositoryCounts(
        namespaceID: RecordID,
        publicOnly: Bool
    ) throws(MetadataError) -> [RepositoryType: Int] {
        let condition = publicOnly ? " AND visibility = 'public' AND is_disabled = 0" : ""
        let rows = try connection.query(
            "SELECT type, count(*) AS count FROM repositories WHERE namespace_id = $1\(condition) GROUP BY type",
            [.id(namespaceID)]
        )
        var counts: [RepositoryType: Int] = [:]
        for row in rows { counts[try row.named("type")] = Int(clamping: try row.integer("count")) }
        return counts
    }

    private func people(
        _ table: String,
        _ cursor: String,
        _ user: String,
        _ condition: String,
        _ id: RecordID,
        _ after: String?,
        _ limit: Int
    ) throws(MetadataError) -> [PersonRecord] {
        try connection.query(
            """
            SELECT \(cursor) AS cursor, n.name, u.full_name FROM \(table)
            JOIN users u ON u.id = \(user) JOIN namespaces n ON n.id = u.id
            WHERE \(condition) AND \(cursor) > $2 AND u.is_disabled = 0 ORDER BY \(cursor) LIMIT $3
            """,
            [.id(id), .text(after ?? ""), Self.page(limit)]
        ).map(PersonRecord.init(row:))
    }
}
