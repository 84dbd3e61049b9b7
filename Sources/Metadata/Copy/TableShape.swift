/// The columns of a table, as SQLite describes them, and statements about all of them.
///
/// Names come from our own schema; they are lower-case words, which need no quotes.
struct TableShape: Sendable {
    let name: String
    let columns: [String]
    /// The columns of the primary key.
    let key: [String]
    /// The tables that it refers to.
    let parents: Set<String>

    /// All tables with records, parents before children.
    /// - Throws: `corrupt` for a table without a key, and for tables that refer to each other.
    static func all(in source: (String, [SQLValue]) throws(MetadataError) -> [SQLRow]) throws(MetadataError)
        -> [TableShape]
    {
        let names = try source(
            """
            SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            AND name NOT LIKE 'repository\\_search%' ESCAPE '\\' AND name <> 'schema_migrations' ORDER BY name
            """,
            []
        )
        var left: [TableShape] = []
        for row in names { left.append(try TableShape(name: try row.text("name"), source)) }
        var (sorted, known) = ([TableShape](), Set<String>())
        while !left.isEmpty {
            let ready = left.filter { $0.parents.subtracting([$0.name]).isSubset(of: known) }
            guard !ready.isEmpty else { throw .corrupt("the tables \(left.map(\.name)) refer to each other") }
            sorted += ready
            known.formUnion(ready.map(\.name))
            left.removeAll { known.contains($0.name) }
        }
        return sorted
    }

    private init(
        name: String,
        _ source: (String, [SQLValue]) throws(MetadataError) -> [SQLRow]
    ) throws(MetadataError) {
        self.name = name
        var (columns, key, parents) = ([String](), [(Int64, String)](), Set<String>())
        for row in try source("SELECT name, pk FROM pragma_table_info($1)", [.text(name)]) {
            let (column, place) = (try row.text("name"), try row.integer("pk"))
            columns.append(column)
            if place > 0 { key.append((place, column)) }
        }
        for row in try source("SELECT \"table\" AS parent FROM pragma_foreign_key_list($1)", [.text(name)]) {
            parents.insert(try row.text("parent"))
        }
        guard !key.isEmpty else { throw .corrupt("the table \(name) has no key") }
        self.columns = columns
        self.key = key.sorted { $0.0 < $1.0 }.map(\.1)
        self.parents = parents
    }

    /// The next rows in the order of the key.
    /// - Parameter last: the key of the last row before; none for the first rows.
    func selection(after last: [SQLValue], limit: Int) -> String {
        let order = key.joined(separator: ", ")
        let places = key.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let condition = last.isEmpty ? "" : "WHERE (\(order)) > (\(places))"
        return "SELECT \(columns.joined(separator: ", ")) FROM \(name) \(condition) ORDER BY \(order) LIMIT \(limit)"
    }

    /// Adds rows, all their values one after the other.
    func insertion(rows: Int) -> String {
        let groups = (0..<rows).map { row in
            "(" + columns.indices.map { "$\(row * columns.count + $0 + 1)" }.joined(separator: ", ") + ")"
        }
        return "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES \(groups.joined(separator: ", "))"
    }
}
