package import Access

extension Records {
    /// Looks for the repositories of one visibility that a list shows next.
    ///
    /// It costs as much as it looks at. Where one condition fits few repositories, these are looked at and sorted; where
    /// all fit many, the list is walked along from `after` on, for at most `scanning` repositories.
    /// - Parameters:
    ///   - audience: who asks; counts for private repositories only.
    ///   - after: the last place of the page before; nil for the first page.
    ///   - limit: 1 through one more than `largestPage`, so that it can be told whether there are more; other values are
    ///     moved into that range.
    package func candidates(
        _ filter: CatalogueFilter,
        _ visibility: Visibility,
        for audience: CatalogueAudience,
        after: CataloguePosition?,
        limit: Int,
        scanning: Int
    ) throws(MetadataError) -> CatalogueCandidates {
        let audience = visibility == .private ? audience : .all
        let limit = min(max(limit, 1), Self.largestPage + 1)
        let search = CatalogueSearch(filter: filter, visibility: visibility, audience: audience, kind: kind)
        if let few = try narrowest(of: search.narrowings) {
            let page = try places(search.statement(among: few, after: after, limit: limit))
            return CatalogueCandidates(found: page.map(\.place), end: page.count == limit ? page.last?.place : nil)
        }
        return try scan(search, after: after, limit: limit, scanning: scanning)
    }

    /// Repositories that one condition may fit, so that they are all looked at rather than the list walked along.
    private static let few = 2_000

    private func narrowest(of narrowings: [CatalogueNarrowing]) throws(MetadataError) -> CatalogueNarrowing? {
        var best: (narrowing: CatalogueNarrowing, count: Int)?
        for narrowing in narrowings {
            let sql = """
                SELECT count(*) AS count FROM (SELECT 1 FROM (\(narrowing.sql(from: 1))) found LIMIT \(Self.few + 1)) few
                """
            let count = try count(sql, narrowing.values)
            if count <= min(Self.few, best?.count ?? Self.few) { best = (narrowing, count) }
            if count == 0 { break }
        }
        return best?.narrowing
    }

    private func scan(
        _ search: CatalogueSearch,
        after: CataloguePosition?,
        limit: Int,
        scanning: Int
    ) throws(MetadataError) -> CatalogueCandidates {
        var found: [CataloguePosition] = []
        var (last, left) = (after, max(scanning, limit))
        while left > 0 {
            let batch = min(search.hasConditions ? max(limit * 2, 200) : limit, left, Self.largestPage + 1)
            let page = try places(search.statement(after: last, limit: batch))
            left -= batch
            for (place, fits) in page where fits {
                found.append(place)
                if found.count == limit { return CatalogueCandidates(found: found, end: place) }
            }
            guard page.count == batch else { return CatalogueCandidates(found: found, end: nil) }
            last = page.last?.place
        }
        return CatalogueCandidates(found: found, end: last)
    }

    private func places(
        _ statement: SQLStatementText
    ) throws(MetadataError) -> [(place: CataloguePosition, fits: Bool)] {
        let rows = try connection.query(statement.sql, statement.values)
        return try rows.map { (row) throws(MetadataError) in
            (CataloguePosition(key: try row.integer("place"), id: try row.id("id")), try row.flag("fits"))
        }
    }
}

extension Records {
    /// Some repositories as lists show them, in the order of `ids`; those that are gone are left out.
    /// - Parameter hasDetails: whether cards come with `card` and `details`.
    package func catalogueEntries(_ ids: [RecordID], hasDetails: Bool) throws(MetadataError) -> [CatalogueEntry] {
        var found: [RecordID: CatalogueEntry] = [:]
        for chunk in IDChunks(ids.map(\.text)) {
            let sql = """
                \(Self.entrySelection(hasDetails: hasDetails)) WHERE r.id IN \(chunk.placeholders(from: 1))
                """
            for row in try connection.query(sql, chunk.values) {
                let entry = try CatalogueEntry(row: row, hasDetails: hasDetails)
                found[entry.repository.id] = entry
            }
        }
        return ids.compactMap { found[$0] }
    }

    /// How much a repository is used, and the commit at which its files were read last; nil when it is gone.
    ///
    /// For whoever has the rest already: this is asked with every look at a repository.
    package func counts(
        repositoryID: RecordID
    ) throws(MetadataError) -> (counts: RepositoryCounts, cardCommit: String?)? {
        let row = try connection.first(
            """
            SELECT c.commit_oid, r.downloads, r.downloads_all_time, r.likes, r.trend,
                coalesce(u.bytes, 0) + coalesce(c.git_bytes, 0) AS used_storage
            FROM repositories r LEFT JOIN cards c ON c.repository_id = r.id
                LEFT JOIN lfs_usage u ON u.repository_id = r.id
            WHERE r.id = $1
            """,
            [.id(repositoryID)]
        )
        guard let row else { return nil }
        return (try RepositoryCounts(row: row), try row.optionalText("commit_oid"))
    }

    /// Bytes of the packs and large files of all repositories of a namespace.
    package func usedStorage(namespaceID: RecordID) throws(MetadataError) -> Int64 {
        let row = try connection.first(
            """
            SELECT CAST(coalesce(sum(coalesce(u.bytes, 0) + coalesce(c.git_bytes, 0)), 0) AS BIGINT) AS total
            FROM repositories r LEFT JOIN cards c ON c.repository_id = r.id
                LEFT JOIN lfs_usage u ON u.repository_id = r.id
            WHERE r.namespace_id = $1
            """,
            [.id(namespaceID)]
        )
        return try row?.integer("total") ?? 0
    }

    private static func entrySelection(hasDetails: Bool) -> String {
        """
        SELECT \(repositoryColumns), r.downloads, r.downloads_all_time, r.likes, r.trend,
            coalesce(u.bytes, 0) + coalesce(c.git_bytes, 0) AS used_storage, c.commit_oid, c.committed_at, c.tags,
            c.pipeline_tag, c.library_name, c.parameters, c.git_bytes,
            coalesce(h.peeled, h.oid) AS head\(hasDetails ? ", c.card, c.details" : "")
        FROM repositories r JOIN namespaces n ON n.id = r.namespace_id
            LEFT JOIN refs h ON h.repository_id = r.id AND h.name = r.head_target
            LEFT JOIN cards c ON c.repository_id = r.id LEFT JOIN lfs_usage u ON u.repository_id = r.id
        """
    }
}

extension CatalogueEntry {
    init(row: SQLRow, hasDetails: Bool) throws(MetadataError) {
        repository = try RepositoryRecord(row: row)
        counts = try RepositoryCounts(row: row)
        head = try row.optionalText("head")
        guard let commit = try row.optionalText("commit_oid") else { return }
        card = CardRecord(
            commit: commit,
            committedAt: try row.time("committed_at"),
            tags: try row.text("tags"),
            pipelineTag: try row.optionalText("pipeline_tag"),
            libraryName: try row.optionalText("library_name"),
            parameters: try row.value("parameters") == .null ? nil : try row.integer("parameters"),
            gitBytes: try row.integer("git_bytes"),
            card: hasDetails ? try row.optionalText("card") : nil,
            details: hasDetails ? try row.text("details") : "{}"
        )
    }
}

extension RepositoryCounts {
    fileprivate init(row: SQLRow) throws(MetadataError) {
        self.init(
            downloads: try row.integer("downloads"),
            downloadsAllTime: try row.integer("downloads_all_time"),
            likes: try row.integer("likes"),
            trend: try row.integer("trend"),
            usedStorage: try row.integer("used_storage")
        )
    }
}
