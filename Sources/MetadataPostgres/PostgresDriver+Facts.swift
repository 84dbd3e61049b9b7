import Metadata

extension PostgresDriver {
    /// What an operator should know of the server.
    package struct ServerFacts: Sendable {
        /// Its version, such as 15.4.
        package let version: String
        /// Whether what was committed survives a power cut.
        package let isDurable: Bool
        /// Whether the connection is encrypted.
        package let isEncrypted: Bool
    }

    /// Asks the server about itself.
    package func serverFacts() async throws -> ServerFacts {
        try await read { connection in
            let row = try connection.first(
                """
                SELECT current_setting('server_version') AS version,
                    current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS durable,
                    EXISTS (SELECT 1 FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) AS encrypted
                """,
                []
            )
            guard let row else { throw MetadataError.corrupt("the server says nothing about itself") }
            return ServerFacts(
                version: try row.text("version"),
                isDurable: try row.flag("durable"),
                isEncrypted: try row.flag("encrypted")
            )
        }
    }
}
