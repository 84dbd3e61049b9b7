import Metadata

/// One read or transaction on a session.
final class PostgresConnection: SQLConnection {
    private let session: PGSession
    /// Whether a statement has changed something that others will see.
    private(set) var hasChanged = false

    /// What a body is given for as long as it runs.
    init(_ session: PGSession) {
        self.session = session
    }

    func query(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> [SQLRow] {
        let (result, columns) = try perform(sql, parameters)
        return try result.rows(columns)
    }

    func run(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> Int {
        try perform(sql, parameters).0.affected
    }

    func takeTime() throws(MetadataError) {
        try session.script("SET LOCAL statement_timeout = 0")
        session.patience = Self.longest
    }

    /// Seconds that a statement may take that has all the time it needs: a day.
    private static let longest = 86_400.0

    /// A task that nobody waits for any more ends at its next statement.
    private func perform(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> (PGResult, columns: [String])
    {
        guard !Task.isCancelled else { throw .cancelled }
        let answer = try session.perform(sql, parameters)
        if answer.0.hasChanged { hasChanged = true }
        return answer
    }
}
