import MetadataPostgres

extension ValueFormat where Value == ConnectionParameters? {
    /// The URL of a PostgreSQL database, or nothing; what it leaves open, libpq finds in its `PG…` variables and files.
    static let optionalDatabase = ValueFormat(
        accepts:
            "postgres://USER@HOST:PORT/DATABASE, with parameters of libpq such as ?sslmode=verify-full, or nothing",
        parse: { text in
            guard !text.isEmpty else { return .some(nil) }
            guard ["postgres://", "postgresql://"].contains(where: text.hasPrefix), !text.utf8.contains(0),
                let parameters = try? ConnectionParameters(reading: text)
            else { return nil }
            return .some(parameters)
        },
        scalar: { $0.map { .text($0.description) } ?? .null }
    )
}

extension Configuration {
    /// What is wrong with where the database is given.
    func databaseProblems() throws(ConfigurationError) -> [String] {
        guard source(of: Keys.database) == .flag, try self[Keys.database]?.hasPassword == true else { return [] }
        let variable = Keys.database.declaration.environmentName
        return [
            """
            `database` has a password, which everybody on the machine can read on the command line; use PGPASSFILE, \
            PGPASSWORD, \(variable) or the file
            """
        ]
    }
}
