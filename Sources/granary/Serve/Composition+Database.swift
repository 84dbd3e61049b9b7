import Metadata
import MetadataPostgres
import MetadataSQLite

extension Composition {
    /// The database that the configuration names.
    ///
    /// - Throws: `CommandFailure` with what to look at when it cannot be used.
    func openDriver() async throws -> any SQLDriver {
        guard let parameters = try configuration[Keys.database] else {
            return try SQLiteDriver(path: directory.database)
        }
        return try await openPostgres(parameters)
    }

    /// A PostgreSQL database.
    func openPostgres(_ parameters: ConnectionParameters) async throws -> PostgresDriver {
        var settings = PostgresSettings(parameters: parameters, logger: logger)
        settings.readers = Int(clamping: try configuration[Keys.databaseConnections])
        do {
            return try await PostgresDriver.open(settings)
        } catch let error as MetadataError {
            let reason = Printable.text("\(error)", limit: 1_000)
            throw CommandFailure(.failure, "the database \(parameters.description) cannot be used: \(reason)")
        }
    }
}

extension DataDirectory {
    /// The directory of a configuration, which a server has used before.
    init(existingFor configuration: Configuration) throws {
        try self.init(
            existing: configuration[Keys.data],
            hasDatabase: try configuration[Keys.database] == nil
        )
    }
}
