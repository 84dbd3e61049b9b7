import ArgumentParser

/// `granary doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the installation: configuration, files, database, large files, disk, clock, ports, libraries.",
        discussion: """
            Changes nothing but the database's schema, which every command brings up to date. It may run while the \
            server does. A line starts with ✓ when all is well, ! for something to know, ✗ for something to repair.

            Example: granary doctor --config /etc/granary.yaml
            Exit codes: 1 when something must be repaired, 2 for a configuration that cannot be used.
            """
    )

    @OptionGroup var options: ServerOptions
    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
        let configuration = try options.resolve()
        let findings = try await Examination(configuration: configuration).findings()
        if json {
            Terminal.print(try JSONOutput.text(findings))
        } else {
            Terminal.print(findings.map(\.text).joined(separator: "\n"))
        }
        guard !findings.contains(where: { $0.severity == .problem }) else { throw CommandFailure(.failure, "") }
    }
}

/// All checks of one installation.
struct Examination {
    /// The checked configuration.
    let configuration: Configuration

    /// Runs the checks in an order in which a first problem explains later ones.
    func findings() async throws -> [Finding] {
        var findings = [Finding.ok("configuration", "every key is known and usable")]
        let directory: DataDirectory
        do {
            directory = try DataDirectory(existingFor: configuration)
        } catch let failure as DataDirectory.Failure {
            findings.append(.problem("data directory", failure.description))
            return findings + (try network(serverProcess: nil)) + system()
        }
        findings += files(of: directory)
        findings += [diskSpace("disk space", directory.path), clock(against: directory)]
        findings += await database(of: directory)
        findings += try await objectStore(of: directory)
        findings += try hostKeys(of: directory)
        findings += try network(serverProcess: DataDirectoryLock.holder(of: directory))
        return findings + system()
    }
}
