package import Access

extension Records {
    /// Adds a repository; a redirect that stands at its address goes.
    /// - Throws: `conflict` when one of that type and name, in any case, is in the namespace, or there is no such namespace.
    package func insertRepository(_ repository: RepositoryRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO repositories (id, namespace_id, type, name, folded_name, visibility, head_target, generation,
                deny_non_fast_forward, deny_deletes, lfs_pointers, gate, is_disabled, every_object_reachable, created_at,
                updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """,
            [
                .id(repository.id), .id(repository.namespaceID), .name(repository.type), .text(repository.name),
                .text(foldedName(repository.name)), .name(repository.visibility), .text(repository.headTarget),
                .integer(repository.generation), .flag(repository.settings.denyNonFastForward),
                .flag(repository.settings.denyDeletes), .name(repository.settings.lfsPointers),
                .name(repository.gate), .flag(repository.isDisabled), .flag(repository.everyObjectReachable),
                .time(repository.createdAt), .time(repository.updatedAt),
            ]
        )
        try deleteRedirect(namespaceID: repository.namespaceID, type: repository.type, name: repository.name)
        try connection.run(
            """
            INSERT INTO repository_names (repository_id, folded_id)
            SELECT $1, n.folded_name || '/' || $2 FROM namespaces n WHERE n.id = $3
            """,
            [.id(repository.id), .text(foldedName(repository.name)), .id(repository.namespaceID)]
        )
    }

    /// The repository with an id.
    package func repository(id: RecordID) throws(MetadataError) -> RepositoryRecord? {
        let sql = "\(Self.repositorySelection) WHERE r.id = $1"
        guard let row = try connection.first(sql, [.id(id)]) else { return nil }
        return try RepositoryRecord(row: row)
    }

    /// The repository at an address, in any case; redirects are not followed.
    package func repository(
        type: RepositoryType,
        namespace: String,
        name: String
    ) throws(MetadataError) -> RepositoryRecord? {
        let row = try connection.first(
            "\(Self.repositorySelection) WHERE n.folded_name = $1 AND r.type = $2 AND r.folded_name = $3",
            [.text(foldedName(namespace)), .name(type), .text(foldedName(name))]
        )
        guard let row else { return nil }
        return try RepositoryRecord(row: row)
    }

    /// A page of repositories in the order of their ids, which is that of their creation.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func repositories(
        _ filter: RepositoryFilter,
        after: RecordID?,
        limit: Int
    ) throws(MetadataError) -> [RepositoryRecord] {
        var conditions = ["r.id > $1"]
        var parameters = [SQLValue.text(after?.description ?? ""), Self.page(limit)]
        func require(_ condition: (String) -> String, _ value: SQLValue) {
            parameters.append(value)
            conditions.append(condition("$\(parameters.count)"))
        }
        if let namespaceID = filter.namespaceID { require({ "r.namespace_id = \($0)" }, .id(namespaceID)) }
        if let type = filter.type { require({ "r.type = \($0)" }, .name(type)) }
        if filter.publicOnly { require({ "r.visibility = \($0)" }, .name(Visibility.public)) }
        if let user = filter.visibleTo { require(Self.isVisible(to:), .id(user)) }
        let sql = "\(Self.repositorySelection) WHERE \(conditions.joined(separator: " AND ")) ORDER BY r.id LIMIT $2"
        return try connection.query(sql, parameters).map(RepositoryRecord.init(row:))
    }

    /// The condition that the user in parameter `user` may see repository `r`: the listing's form of what `Access` decides.
    private static func isVisible(to user: String) -> String {
        "(r.visibility = 'public' OR \(isReadable(by: user)))"
    }

    /// The same of a private repository.
    static func isReadable(by user: String) -> String {
        """
        (r.namespace_id = \(user)
        OR EXISTS (SELECT 1 FROM memberships m WHERE m.organization_id = r.namespace_id AND m.user_id = \(user))
        OR EXISTS (SELECT 1 FROM repository_grants g WHERE g.repository_id = r.id AND g.user_id = \(user)))
        """
    }

    /// Removes a repository's row and all rows that hang on it: refs, grants, protections, redirects to it, its tokens.
    /// - Throws: `notFound` when there is no such repository.
    package func deleteRepository(id: RecordID) throws(MetadataError) {
        try change("DELETE FROM repositories WHERE id = $1", [.id(id)])
    }

    private static let repositorySelection = """
        SELECT \(repositoryColumns) FROM repositories r JOIN namespaces n ON n.id = r.namespace_id
        """

    /// What a `RepositoryRecord` is read from, where `r` is the repository and `n` its namespace.
    static let repositoryColumns = """
        r.id, r.namespace_id, n.name AS namespace_name, r.type, r.name, r.visibility, r.head_target, r.generation,
        r.deny_non_fast_forward, r.deny_deletes, r.lfs_pointers, r.gate, r.is_disabled, r.every_object_reachable,
        r.created_at, r.updated_at
        """
}
