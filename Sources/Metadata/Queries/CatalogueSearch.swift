import Access

/// A statement with its values.
struct SQLStatementText {
    let sql: String
    let values: [SQLValue]
}

/// Repositories that one condition of a list fits: a query of their ids, and its values.
struct CatalogueNarrowing {
    /// The query, when its first parameter has a number.
    let sql: (Int) -> String
    let values: [SQLValue]

    init(_ values: [SQLValue], _ sql: @escaping (Int) -> String) {
        self.sql = sql
        self.values = values
    }

    func sql(from first: Int) -> String { sql(first) }
}

/// The statements of a list of repositories of one visibility.
///
/// Whatever is asked for, there are some dozens of texts, because connections keep each: conditions that are not asked
/// for are there and switched off by their values. Visibility stands inside CASE where another index is to be used: to
/// SQLite every index that begins with type and visibility looks as good as that of a namespace.
struct CatalogueSearch {
    let filter: CatalogueFilter
    let visibility: Visibility
    let audience: CatalogueAudience
    let kind: SQLDriverKind

    /// Whether a repository on the way may be one that the list does not show.
    var hasConditions: Bool { !filter.isPlain || audience != .all }

    /// The conditions that may fit few repositories.
    var narrowings: [CatalogueNarrowing] {
        var all: [CatalogueNarrowing] = audienceNarrowing.map { [$0] } ?? []
        if let namespaceID = filter.namespaceID {
            all.append(
                CatalogueNarrowing([.id(namespaceID), .name(filter.type)]) {
                    "SELECT id FROM repositories WHERE namespace_id = $\($0) AND type = $\($0 + 1)"
                }
            )
        }
        all += filter.tags.map { tag in
            CatalogueNarrowing([.text(tag), .name(filter.type)]) {
                "SELECT repository_id AS id FROM repository_tags WHERE tag = $\($0) AND type = $\($0 + 1)"
            }
        }
        return all + filter.terms.filter { $0.unicodeScalars.count >= 3 }.map(narrowing)
    }

    /// Trigrams find parts of three characters or more.
    private func narrowing(_ term: String) -> CatalogueNarrowing {
        switch kind {
        case .sqlite:
            // A string of FTS5's query language: quotes are doubled, nothing else has a meaning in it.
            let phrase =
                "\"" + term.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
            return CatalogueNarrowing([.text(phrase)]) {
                """
                SELECT n.repository_id AS id FROM repository_search s CROSS JOIN repository_names n
                WHERE s.folded_id MATCH $\($0) AND n.number = s.rowid
                """
            }
        case .postgresql:
            return CatalogueNarrowing([.text(Self.pattern(term))]) {
                "SELECT repository_id AS id FROM repository_names WHERE folded_id LIKE $\($0) ESCAPE '\\'"
            }
        }
    }

    private var audienceNarrowing: CatalogueNarrowing? {
        switch audience {
        case .all: nil
        case .repository(let id):
            CatalogueNarrowing([.id(id)]) { "SELECT id FROM repositories WHERE id = $\($0)" }
        case .namespace(let id):
            CatalogueNarrowing([.id(id), .name(filter.type)]) {
                """
                SELECT id FROM repositories WHERE namespace_id = $\($0) AND type = $\($0 + 1)
                    AND CASE WHEN visibility = 'private' THEN 1 ELSE 0 END = 1
                """
            }
        case .user(let id):
            CatalogueNarrowing([.id(id), .name(filter.type)]) { first in
                """
                SELECT id FROM repositories WHERE namespace_id = $\(first) AND type = $\(first + 1)
                    AND CASE WHEN visibility = 'private' THEN 1 ELSE 0 END = 1
                UNION ALL SELECT o.id FROM memberships m CROSS JOIN repositories o
                WHERE m.user_id = $\(first) AND o.namespace_id = m.organization_id AND o.type = $\(first + 1)
                    AND CASE WHEN o.visibility = 'private' THEN 1 ELSE 0 END = 1
                UNION ALL SELECT g.repository_id FROM repository_grants g
                WHERE g.user_id = $\(first) AND NOT EXISTS (SELECT 1 FROM repositories o
                    WHERE o.id = g.repository_id AND (o.namespace_id = $\(first) OR EXISTS (SELECT 1 FROM memberships m
                        WHERE m.organization_id = o.namespace_id AND m.user_id = $\(first))))
                """
            }
        }
    }

    /// Repositories among few that fit, sorted.
    func statement(among few: CatalogueNarrowing, after: CataloguePosition?, limit: Int) -> SQLStatementText {
        var values = start(after, limit)
        let conditions = self.conditions(&values)
        let narrowing = few.sql(from: values.count + 1)
        // SQLite keeps the order of a cross join, so the few lead; and inside CASE it finds no condition for which it would
        // walk along the list's index instead of looking each one up.
        return SQLStatementText(
            sql: """
                SELECT r.id, r.\(filter.order.column) AS place, 1 AS fits
                FROM (\(narrowing)) few CROSS JOIN repositories r
                WHERE r.id = few.id AND CASE WHEN \(bounds) AND \(conditions) THEN 1 ELSE 0 END = 1
                \(ending)
                """,
            values: values + few.values
        )
    }

    /// The next repositories of the list, and which of them fit.
    func statement(after: CataloguePosition?, limit: Int) -> SQLStatementText {
        var values = start(after, limit)
        let fits = hasConditions ? "CASE WHEN \(conditions(&values)) THEN 1 ELSE 0 END" : "1"
        return SQLStatementText(
            sql: """
                SELECT r.id, r.\(filter.order.column) AS place, \(fits) AS fits
                FROM repositories r WHERE \(bounds) \(ending)
                """,
            values: values
        )
    }

    /// A key that no repository has stands for the beginning.
    private func start(_ after: CataloguePosition?, _ limit: Int) -> [SQLValue] {
        [
            .name(filter.type), .name(visibility), .integer(after?.key ?? .max), .text(after?.id.text ?? ""),
            .integer(Int64(limit)),
        ]
    }

    private var bounds: String {
        "r.type = $1 AND r.visibility = $2 AND (r.\(filter.order.column), r.id) < ($3, $4)"
    }

    private var ending: String { "ORDER BY r.\(filter.order.column) DESC, r.id DESC LIMIT $5" }

    private func conditions(_ values: inout [SQLValue]) -> String {
        var all = [Self.tagCondition(filter.tags, &values), Self.termCondition(filter.terms, &values)]
        values += [
            .text(filter.namespaceID?.text ?? ""), .integer(filter.isGated.map { $0 ? 1 : 0 } ?? -1),
            .integer(filter.parameters?.lowerBound ?? -1), .integer(filter.parameters?.upperBound ?? -1),
        ]
        let (namespace, gate, least, most) = (values.count - 3, values.count - 2, values.count - 1, values.count)
        all += [
            "($\(namespace) = '' OR r.namespace_id = $\(namespace))",
            "($\(gate) = -1 OR CASE WHEN r.gate = 'open' THEN 0 ELSE 1 END = $\(gate))",
            """
            ($\(least) = -1 OR EXISTS (SELECT 1 FROM cards c WHERE c.repository_id = r.id
                AND c.parameters BETWEEN $\(least) AND $\(most)))
            """,
        ]
        if let condition = audienceCondition(&values) { all.append(condition) }
        return all.joined(separator: " AND ")
    }

    /// All of the tags; fewer than the most are filled up with the first.
    private static func tagCondition(_ tags: [String], _ values: inout [SQLValue]) -> String {
        let count = values.count + 1
        let filler = Array(repeating: tags.first ?? "", count: max(CatalogueFilter.mostTags - tags.count, 0))
        values.append(.integer(Int64(tags.count)))
        values += (tags + filler).prefix(CatalogueFilter.mostTags).map(SQLValue.text)
        let places = (1...CatalogueFilter.mostTags).map { "$\(count + $0)" }.joined(separator: ", ")
        return """
            ($\(count) = 0 OR (SELECT count(*) FROM repository_tags t WHERE t.repository_id = r.id
                AND t.tag IN (\(places))) = $\(count))
            """
    }

    private static func termCondition(_ terms: [String], _ values: inout [SQLValue]) -> String {
        let count = values.count + 1
        let filler = Array(repeating: "", count: max(CatalogueFilter.mostTerms - terms.count, 0))
        values.append(.integer(Int64(terms.count)))
        values += (terms + filler).prefix(CatalogueFilter.mostTerms).map { .text(pattern($0)) }
        let likes = (1...CatalogueFilter.mostTerms).map { "n.folded_id LIKE $\(count + $0) ESCAPE '\\'" }
        return """
            ($\(count) = 0 OR EXISTS (SELECT 1 FROM repository_names n WHERE n.repository_id = r.id
                AND \(likes.joined(separator: " AND "))))
            """
    }

    private func audienceCondition(_ values: inout [SQLValue]) -> String? {
        switch audience {
        case .all: return nil
        case .repository(let id):
            values.append(.id(id))
            return "r.id = $\(values.count)"
        case .namespace(let id):
            values.append(.id(id))
            return "r.namespace_id = $\(values.count)"
        case .user(let id):
            values.append(.id(id))
            return Records.isReadable(by: "$\(values.count)")
        }
    }

    /// What LIKE finds anywhere in a text.
    private static func pattern(_ term: String) -> String {
        var pattern = "%"
        for character in term.unicodeScalars {
            if "%_\\".unicodeScalars.contains(character) { pattern += "\\" }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "%"
    }
}
