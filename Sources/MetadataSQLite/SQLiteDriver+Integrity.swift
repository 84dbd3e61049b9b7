import Metadata

extension SQLiteDriver {
    private static let mostProblems = 20

    /// What SQLite finds wrong with the file: pages, indexes and constraints; empty when it is sound.
    ///
    /// Reads the whole database. It may run while others work.
    package func integrityProblems() async throws -> [String] {
        try await read { connection in
            let rows = try connection.query(
                "SELECT quick_check AS finding FROM pragma_quick_check($1)",
                [
                    .integer(Int64(Self.mostProblems))
                ]
            )
            return try rows.map { try $0.text("finding") }.filter { $0 != "ok" }
        }
    }
}
