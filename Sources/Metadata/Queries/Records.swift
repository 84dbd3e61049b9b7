/// The questions and changes a use case can put to the database, inside one `read` or one `transaction`.
///
/// Ids and times come from the caller. Methods that change throw outside a transaction. Lists are sorted as stated.
package struct Records {
    /// The connection all statements go through.
    package let connection: any SQLConnection
    /// Which database system answers.
    let kind: SQLDriverKind

    /// Records seen through a connection.
    package init(connection: any SQLConnection, kind: SQLDriverKind) {
        self.connection = connection
        self.kind = kind
    }

    /// The largest page that listings give, whatever limit was asked for.
    package static let largestPage = 1000

    /// The limit to put into a statement: 1 through `largestPage`.
    static func page(_ limit: Int) -> SQLValue {
        .integer(Int64(min(max(limit, 1), largestPage)))
    }

    /// Runs a statement that must change a row.
    /// - Throws: `notFound` when it changed none.
    func change(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) {
        guard try connection.run(sql, parameters) > 0 else { throw .notFound }
    }

    /// The number in the column `count` of a result with one row.
    func count(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> Int {
        guard let row = try connection.first(sql, parameters) else { throw .corrupt("a count without a row") }
        return Int(clamping: try row.integer("count"))
    }
}
