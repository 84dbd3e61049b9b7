import Access
import Glibc
import HubCore
import Logging
import Metadata
import MetadataPostgres
import MetadataSQLite

extension Examination {
    /// Whether the database opens, is of a known version, and is sound.
    func database(of directory: DataDirectory) async -> [Finding] {
        let logger = LogOutput(format: .text, level: .critical).logger(label: "granary")
        let composition = Composition(configuration: configuration, directory: directory, logger: logger)
        do {
            let hub = try await composition.openHub()
            let users: [Account]
            do { users = try await hub.accounts.users(by: .operator) } catch {
                try? await hub.close()
                throw error
            }
            try await hub.close()
            let administrators = users.count { $0.isAdmin && !$0.isDisabled }
            return try await soundness(composition, users: users.count) + [
                administrators > 0 || users.isEmpty
                    ? .ok("administrators", "\(administrators)")
                    : .problem("administrators", "none is enabled; run: granary user enable NAME")
            ]
        } catch {
            let reason = CommandFailure(describing: error)?.message ?? "\(error)"
            return [.problem("database", reason)]
        }
    }

    private func soundness(_ composition: Composition, users: Int) async throws -> [Finding] {
        if let parameters = try configuration[Keys.database] {
            return try await server(parameters, composition, users: users)
        }
        let driver = try SQLiteDriver(path: composition.directory.database)
        let problems = try await driver.integrityProblems()
        try await driver.close()
        return [
            problems.isEmpty
                ? .ok("database", "sound, schema up to date, \(users) users")
                : .problem("database", "damaged, restore a backup: \(problems.joined(separator: "; "))")
        ]
    }

    private func server(
        _ parameters: ConnectionParameters,
        _ composition: Composition,
        users: Int
    ) async throws -> [Finding] {
        let driver = try await composition.openPostgres(parameters)
        let facts = try await driver.serverFacts()
        try await driver.close()
        var findings = [
            Finding.ok(
                "database",
                "PostgreSQL \(facts.version) at \(parameters.description), schema up to date, \(users) users"
            )
        ]
        if !facts.isDurable {
            findings.append(.problem("database", "fsync or full_page_writes is off: a power cut loses records"))
        }
        if !parameters.staysOnThisMachine, !facts.isEncrypted {
            findings.append(.problem("database", "records and passwords travel unencrypted; use sslmode=verify-full"))
        } else if !parameters.staysOnThisMachine, !parameters.verifiesServer {
            findings.append(
                .warning("database", "nobody checks whose server it is; use sslmode=verify-full and sslrootcert")
            )
        }
        if access(composition.directory.database, F_OK) == 0 {
            findings.append(.warning("database", "\(composition.directory.database) is there as well, and is not used"))
        }
        return findings
    }
}
