import Metadata

/// What a database must be like, and what is put into it before anything else.
enum DatabaseRequirements {
    private static let oldestServer = 130_000

    /// Looks at the server's version, the encoding and the collation.
    /// - Throws: `MetadataError.unavailable` with what to do.
    static func check(_ session: PGSession) throws(MetadataError) {
        guard session.serverVersion >= oldestServer else {
            throw .unavailable("the PostgreSQL server is older than version 13")
        }
        let answer = try session.script(
            """
            SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()
            """
        ).last
        let (encoding, collation) = (answer?.text(0, 0) ?? "", answer?.text(0, 1) ?? "")
        guard encoding == "UTF8", collations.contains(collation) else {
            throw .unavailable(
                """
                the database has encoding \(encoding) and collation \(collation), records need UTF8 and C: make it with \
                CREATE DATABASE granary TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'
                """
            )
        }
    }

    /// Those that compare texts by their bytes, as SQLite does.
    private static let collations: Set<String> = ["C", "POSIX", "C.UTF-8", "C.utf8", "C.UTF8"]

    /// The number of the last change; makes the place for it in a new database.
    static func changeNumber(_ session: PGSession) throws(MetadataError) -> Int64 {
        if try session.script(ChangeNumber.existence).last?.text(0, 0) != "1" {
            try session.script("\(WriterLock.begin); \(ChangeNumber.creation); COMMIT")
        }
        let answer = try session.script(ChangeNumber.question).last?.text(0, 0)
        guard let number = answer.flatMap({ Int64($0) }) else { throw .corrupt("granary_changes has no number") }
        return number
    }
}
