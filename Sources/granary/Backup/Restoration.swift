import GitCore
import Glibc
import Metadata
import NIOCore
import ObjectStore

/// Brings a point back into an empty data directory, object store and database.
struct Restoration: Sendable {
    /// The backup.
    let place: BackupPlace
    /// The new data directory, which exists.
    let directory: String
    /// Where large files go.
    let objects: any ObjectStore

    /// Writes repositories, secrets and large files; all of it outlives a power cut.
    func writeFiles(of manifest: BackupManifest) async throws {
        var folders: Set<String> = [directory]
        let packs = PackFileCache(limit: 1)
        try await place.eachFile(of: manifest) { file in
            try makeRepository(around: file, packs, &folders)
            try await write(file, &folders)
        }
        // Names last: what they lead to is on stable storage by then.
        for folder in folders { try Directories.synchronize(folder) }
        try await place.eachObject(of: manifest) { file in try await writeObject(file) }
    }

    /// Makes the directories of the repository that a file belongs to, those that had nothing in them among them.
    private func makeRepository(
        around file: BackupFile,
        _ packs: PackFileCache,
        _ folders: inout Set<String>
    ) throws {
        let names = file.path.split(separator: "/")
        guard names.count > 3, names[0] == "repositories" else { return }
        let shard = "\(directory)/repositories/\(names[1])"
        let path = "\(shard)/\(names[2])"
        guard folders.insert(path).inserted else { return }
        try Directories.create(shard)
        folders.insert(shard)
        try GitRepository(path: path, files: packs).create(head: try RefName(validating: "refs/heads/main".utf8))
    }

    private func write(_ file: BackupFile, _ folders: inout Set<String>) async throws {
        guard ["repositories", "secrets"].contains(file.path.prefix { $0 != "/" }) else {
            throw CommandFailure(.failure, "the backup has a file at \(file.path), where none belongs")
        }
        var folder = directory
        for name in file.path.split(separator: "/").dropLast() {
            folder += "/" + name
            if folders.insert(folder).inserted { try Directories.create(folder) }
        }
        let path = directory + "/" + file.path
        // A new repository has files of the same name.
        try Directories.removeTree(path)
        let target = try OpenFile(creating: path)
        guard let reading = try await place.contents.read(file.key, range: nil), reading.size == file.size else {
            throw CommandFailure(
                .failure,
                "the backup lacks \(file.path): run `granary backup verify`, try another point"
            )
        }
        var position: Int64 = 0
        for try await buffer in reading.bytes {
            try target.write(Array(buffer.readableBytesView), at: position)
            position += Int64(buffer.readableBytes)
        }
        try target.synchronize()
        try Directories.setModificationTime(path, file.modified)
        if path.hasSuffix(".pack") || path.hasSuffix(".idx") { try Directories.makeReadOnly(path) }
    }

    private func writeObject(_ file: BackupFile) async throws {
        if try await objects.size(of: file.key) == file.size { return }
        guard let reading = try await place.contents.read(file.key, range: nil), reading.size == file.size else {
            throw CommandFailure(.failure, "the backup lacks the large file \(file.key): run `granary backup verify`")
        }
        try await objects.put(file.key, size: file.size, bytes: reading.bytes)
    }

    /// Writes all records in one transaction, and brings them to the schema of this program.
    func writeRecords(of manifest: BackupManifest, to driver: any SQLDriver) async throws {
        let steps = try Migration.steps(to: manifest.schema)
        let dump = try await DatabaseDump.ofSchema(manifest.schema, in: directory)
        let file = try OpenFile(temporaryIn: directory)
        var (ends, end) = ([Int64](), Int64(0))
        for piece in manifest.pieces {
            let bytes = try await place.read(try BackupPlace.key(piece))
            try file.write(bytes, at: end)
            end += Int64(bytes.count)
            ends.append(end)
        }
        let now = WallClock.now()
        try await driver.transaction { [ends] connection in
            try Migrator(connection: connection, kind: driver.kind).migrate(to: steps, at: now)
            try connection.takeTime()
            try dump.check(manifest.tables, for: connection)
            try Self.load(manifest.tables, ends, file, dump, into: connection)
            try dump.finish(connection, kind: driver.kind)
            // Packs that came after the snapshot may be in the backup, too, with what no ref leads to yet.
            try connection.run("UPDATE repositories SET every_object_reachable = 0", [])
        }
        try await MetadataStore(driver: driver).migrate(at: now)
    }

    private static func load(
        _ tables: [DatabaseDump.Table],
        _ ends: [Int64],
        _ file: OpenFile,
        _ dump: DatabaseDump,
        into connection: any SQLConnection
    ) throws {
        var (rest, start) = (ends[...], Int64(0))
        for (number, table) in tables.enumerated() {
            guard table.pieces >= 0, table.pieces <= rest.count else {
                throw MetadataError.corrupt("a piece is missing")
            }
            var rows = 0
            for end in rest.prefix(table.pieces) {
                rows += try dump.load(try file.bytes(Int(end - start), at: start), ofTable: number, into: connection)
                start = end
            }
            guard rows == table.rows else {
                throw MetadataError.corrupt("\(table.name) has \(rows) rows in the backup")
            }
            rest = rest.dropFirst(table.pieces)
        }
        guard rest.isEmpty else { throw MetadataError.corrupt("there are pieces of no table") }
    }
}
