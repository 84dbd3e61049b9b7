import ArgumentParser
import Logging
import Metadata
import ObjectStore

/// `granary backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make, list and verify backups; `granary restore` brings one back.",
        subcommands: [Create.self, List.self, Verify.self],
        defaultSubcommand: Create.self
    )

    /// `granary backup create`, which is what `granary backup PLACE` does.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Add a point in time: database, repositories, large files and secrets.",
            discussion: """
                The server may run meanwhile. Only what the backup does not have yet is sent. The point appears when all of \
                it is there; a backup that is cut off leaves the earlier points as they were, and the next one goes on.

                Example: granary backup /mnt/backup/granary --keep 30
                Exit codes: 1 when the hub itself lacks something that its records name (the point is made), 4 when \
                another process writes to the same directory.
                """
        )

        @OptionGroup var common: CommonOptions
        @OptionGroup var target: BackupPlaceOptions
        @Option(help: ArgumentHelp("Afterwards remove all points but the last so many.", valueName: "count"))
        var keep: Int?
        @Flag(help: "Leave out signing keys and SSH host keys; a restored hub makes new ones.")
        var withoutSecrets = false
        @Flag(help: "Print a JSON object.")
        var json = false

        func validate() throws {
            if let keep, keep < 1 { throw ValidationError("--keep takes a number from 1 on") }
        }

        func run() async throws {
            let configuration = try common.resolve()
            let directory = try DataDirectory(existingFor: configuration)
            let logger = LogOutput(format: try configuration[Keys.logFormat], level: .warning).logger(label: "granary")
            let composition = Composition(configuration: configuration, directory: directory, logger: logger)
            let outcome = try await target.withPlace(isNew: true, logger: logger) { place in
                let outcome = try await composition.withStores { driver, objects in
                    try await Backup(
                        driver: driver,
                        objects: objects,
                        directory: directory.absolutePath(),
                        place: place,
                        includesSecrets: !withoutSecrets
                    ).run()
                }
                if let keep { _ = try await place.keep(last: keep) }
                return outcome
            }
            try report(outcome)
        }

        private func report(_ outcome: Backup.Outcome) throws {
            let missing = outcome.manifest.missing
            if json {
                Terminal.print(try JSONOutput.text(BackupReport(outcome)))
            } else {
                let (total, sent) = (outcome.manifest.total, outcome.sent)
                Terminal.print(outcome.point)
                Terminal.note(
                    "\(total.contents) contents of \(total.bytes) bytes; "
                        + "\(sent.contents) of \(sent.bytes) bytes were sent"
                )
            }
            guard missing.isEmpty else {
                for name in missing.prefix(20) { Terminal.note("the hub has lost \(name)") }
                throw CommandFailure(
                    .failure,
                    "the hub lacks \(missing.count) contents; run `granary fsck` and `granary lfs fsck`"
                )
            }
        }
    }

    /// `granary backup list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the points in time of a backup.",
            discussion: "Example: granary backup list /mnt/backup/granary"
        )

        @OptionGroup var target: BackupPlaceOptions
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let points = try await target.withPlace(isNew: false, logger: .quiet) { place in
                var points: [BackupReport] = []
                for name in try await place.points.names() {
                    points.append(BackupReport(name, try await place.manifest(of: name)))
                }
                return points
            }
            guard !json else { return Terminal.print(try JSONOutput.text(points)) }
            var table = TextTable(["POINT", "REPOSITORIES", "CONTENTS", "BYTES", "MISSING"])
            for point in points {
                table.add([
                    point.point, "\(point.repositories)", "\(point.contents)", "\(point.bytes)", "\(point.missing)",
                ])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary backup verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Read a backup and compare every content with its SHA-256.",
            discussion: """
                Whether refs and objects belong together is what `granary fsck` says of a restored hub.

                Example: granary backup verify /mnt/backup/granary
                Exit codes: 1 when something is missing or damaged, 3 without such a point.
                """
        )

        @OptionGroup var target: BackupPlaceOptions
        @Option(help: ArgumentHelp("Only this point; without it all.", valueName: "point"))
        var at: String?

        func run() async throws {
            let outcome = try await target.withPlace(isNew: false, logger: .quiet) { place in
                let points = try await place.points.names()
                if let at, !points.contains(at) { _ = try await place.manifestKey(of: at) }
                return try await BackupVerification(place: place).run(at.map { [$0] } ?? points)
            }
            for problem in outcome.problems { Terminal.print("✗ \(Printable.text(problem))") }
            Terminal.note("\(outcome.read.contents) contents of \(outcome.read.bytes) bytes are as they were")
            guard outcome.problems.isEmpty else {
                throw CommandFailure(.failure, "\(outcome.problems.count) contents are missing or damaged")
            }
        }
    }
}

/// A point, for scripts.
private struct BackupReport: Encodable, Sendable {
    let point: String
    let repositories: Int
    let contents: Int
    let bytes: Int64
    let missing: Int
    var sentContents: Int?
    var sentBytes: Int64?

    init(_ point: String, _ manifest: BackupManifest) {
        self.point = point
        repositories = manifest.tables.first { $0.name == "repositories" }?.rows ?? 0
        (contents, bytes) = (manifest.total.contents, manifest.total.bytes)
        missing = manifest.missing.count
    }

    init(_ outcome: Backup.Outcome) {
        self.init(outcome.point, outcome.manifest)
        (sentContents, sentBytes) = (outcome.sent.contents, outcome.sent.bytes)
    }
}

extension Logger {
    /// Warnings of commands that read no configuration.
    static var quiet: Logger { LogOutput(format: .text, level: .warning).logger(label: "granary") }
}

extension Composition {
    /// Opens the database and the store of large files without a hub around them.
    func withStores<Value>(
        _ body: (any SQLDriver, any ObjectStore) async throws -> Value
    ) async throws -> Value {
        let driver = try await openDriver()
        do {
            let objects = try await objectStore(isServing: false)
            do {
                let value = try await body(driver, objects)
                await objects.shutdown()
                try await driver.close()
                return value
            } catch {
                await objects.shutdown()
                throw error
            }
        } catch {
            try? await driver.close()
            throw error
        }
    }
}
