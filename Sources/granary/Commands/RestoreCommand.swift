import ArgumentParser
import GitCore
import Logging
import Metadata
import ObjectStore

/// `granary restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a backup back into an empty data directory and database.",
        discussion: """
            Large files go where the configuration says, records into SQLite or, with `database`, into an empty PostgreSQL \
            database, whatever they were in before. Records come last: when it is cut off, remove the directory and \
            begin again. Run `granary fsck` before you serve it.

            Example: granary restore /mnt/backup/granary --data /var/lib/granary
            Exit codes: 3 without such a point, 4 when the directory or the database is not empty.
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var source: BackupPlaceOptions
    @Option(help: ArgumentHelp("The point in time; without it the last one.", valueName: "point"))
    var at: String?

    func run() async throws {
        let configuration = try common.resolve()
        let path = try configuration[Keys.data]
        guard try Directories.names(in: path).allSatisfy({ $0 == "lost+found" }) else {
            throw CommandFailure(.conflict, "\(path) is not empty; restore into a new directory with --data DIR")
        }
        let logger = LogOutput(format: try configuration[Keys.logFormat], level: .warning).logger(label: "granary")
        try await source.withPlace(isNew: false, logger: logger) { place in
            let point = try await place.point(at)
            let manifest = try await place.manifest(of: point)
            let directory = try DataDirectory(preparing: path) { Terminal.note($0) }
            let lock = try DataDirectoryLock(of: directory)
            defer { withExtendedLifetime(lock) {} }
            let composition = Composition(configuration: configuration, directory: directory, logger: logger)
            try await restore(manifest, from: place, composition)
            Terminal.note("restored \(point): \(manifest.total.contents) contents of \(manifest.total.bytes) bytes")
            if !manifest.missing.isEmpty {
                Terminal.note("the hub had lost \(manifest.missing.count) contents before; run `granary fsck`")
            }
        }
    }

    private func restore(_ manifest: BackupManifest, from place: BackupPlace, _ composition: Composition) async throws {
        let objects = try await composition.objectStore(isServing: false)
        let restoration = Restoration(
            place: place,
            directory: try composition.directory.absolutePath(),
            objects: objects
        )
        do {
            try await restoration.writeFiles(of: manifest)
            await objects.shutdown()
        } catch {
            await objects.shutdown()
            throw error
        }
        let driver = try await composition.openDriver()
        do {
            try await restoration.writeRecords(of: manifest, to: driver)
        } catch {
            try? await driver.close()
            throw error
        }
        try await driver.close()
    }
}
