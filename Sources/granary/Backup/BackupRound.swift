import GitCore
import Glibc
import Metadata
import ObjectStore

/// One snapshot and the files that belong to it.
struct BackupRound {
    private let backup: Backup
    private let previous: BackupManifest?
    private var manifest = BackupManifest(version: ProgramVersion.text, takenAt: 0, schema: 0)
    /// What this round had to send.
    private(set) var sent = BackupAmount()

    private static let attempts = 20
    private static let page = 1_000

    init(backup: Backup, previous: BackupManifest?) {
        (self.backup, self.previous) = (backup, previous)
    }

    private var place: BackupPlace { backup.place }

    /// Sends what is new, and says what belongs to the snapshot.
    mutating func run() async throws -> BackupManifest {
        manifest.takenAt = WallClock.now().microseconds
        let spool = try await DatabaseSpool(of: backup.driver, in: backup.directory)
        (manifest.schema, manifest.tables) = (spool.schema, spool.tables)
        for index in 0..<spool.count { manifest.pieces.append(try await keep(try spool.piece(index)).hex) }
        let found = try await sendRepositories()
        manifest.missing += spool.repositories.filter { !found.contains($0) }
        try await sendObjects(spool)
        if backup.includesSecrets {
            try await sendFiles(try names(in: backup.directory + "/secrets").map { "secrets/" + $0 }, group: "secrets")
        }
        return manifest
    }

    private mutating func keep(_ bytes: [UInt8], counts: Bool = true) async throws -> ObjectKey {
        let (key, isNew) = try await place.keep(bytes)
        if counts { manifest.total.add(Int64(bytes.count)) }
        if isNew { sent.add(Int64(bytes.count)) }
        return key
    }

    // MARK: Repositories

    /// Sends all repositories' files; gives the ids of those that are there.
    private mutating func sendRepositories() async throws -> Set<String> {
        let root = backup.directory + "/repositories"
        var found: Set<String> = []
        for shard in try names(in: root) {
            var files: [BackupFile] = []
            let known = try await knownFiles("repositories/" + shard)
            for name in try names(in: root + "/" + shard) where name.hasSuffix(".git") {
                guard let sent = try await sendRepository("repositories/\(shard)/\(name)", known) else { continue }
                files += sent
                found.insert(String(name.dropLast(4)))
            }
            try await finish(files, group: "repositories/" + shard)
        }
        return found
    }

    /// Sends the files of a repository; nil when it goes meanwhile.
    ///
    /// Maintenance may put packs aside while they are listed: two equal lists are one of a moment, and when a file is no longer
    /// there or is another one, its objects are in a new pack.
    private mutating func sendRepository(
        _ path: String,
        _ known: [String: BackupFile]
    ) async throws -> [BackupFile]? {
        for _ in 0..<Self.attempts {
            let list = try repositoryFiles(path)
            guard list == (try repositoryFiles(path)) else { continue }
            guard !list.isEmpty else { return nil }
            do {
                var files: [BackupFile] = []
                for name in list { files.append(try await send(name, known)) }
                return files
            } catch let error as FileError where error.isMissing {
                continue
            } catch ObjectStoreError.wrongHash, ObjectStoreError.wrongSize {
                continue
            }
        }
        throw CommandFailure(.failure, "\(path) changes all the time; run the backup again when less is going on")
    }

    /// The files of a repository that make it up: packs that have an index, and what stock git reads beside them.
    private func repositoryFiles(_ path: String) throws -> [String] {
        let root = backup.directory + "/" + path
        let packs = try names(in: root + "/objects/pack")
        let indexed = Set(packs.filter { $0.hasSuffix(".idx") }.map { $0.dropLast(4) })
        let kept = packs.filter { name in
            name.firstIndex(of: ".").map { indexed.contains(name[..<$0]) } ?? false && !name.hasSuffix(".new")
        }
        let info = try tree(root + "/objects/info", depth: 2)
        let single = Set(try names(in: root)).intersection(["HEAD", "config", "packed-refs"]).sorted()
        return single.map { "\(path)/\($0)" } + info.map { "\(path)/objects/info/\($0)" }
            + kept.map { "\(path)/objects/pack/\($0)" }
    }

    private func tree(_ path: String, depth: Int) throws -> [String] {
        try names(in: path).flatMap { name -> [String] in
            guard !name.hasSuffix(".new") else { return [] }
            do {
                let inner = try tree(path + "/" + name, depth: depth - 1)
                return depth > 0 ? inner.map { name + "/" + $0 } : []
            } catch let error as FileError where error.code == ENOTDIR {
                return [name]
            }
        }
    }

    private func names(in path: String) throws -> [String] { try Directories.names(in: path).sorted() }

    // MARK: Files

    private mutating func sendFiles(_ paths: [String], group: String) async throws {
        let known = try await knownFiles(group)
        var files: [BackupFile] = []
        for path in paths { files.append(try await send(path, known)) }
        try await finish(files, group: group)
    }

    /// The files of a group as the last point has them, by path.
    private func knownFiles(_ group: String) async throws -> [String: BackupFile] {
        guard let key = previous?.files[group].flatMap({ ObjectKey(hex: $0) }) else { return [:] }
        // A damaged list costs that its files are read again.
        let files = (try? BackupFile.list(try await place.read(key))) ?? []
        return Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
    }

    private mutating func finish(_ files: [BackupFile], group: String) async throws {
        guard !files.isEmpty else { return }
        for file in files { manifest.total.add(file.size) }
        manifest.files[group] = try await keep(Array(files.map(\.line).joined().utf8), counts: false).hex
    }

    /// Sends a file unless the backup has it.
    private mutating func send(_ path: String, _ known: [String: BackupFile]) async throws -> BackupFile {
        let file = try OpenFile(reading: backup.directory + "/" + path)
        let (size, modified) = (try file.size(), try file.modificationTime())
        if let known = known[path], known.size == size, known.modified == modified,
            try await place.contents.size(of: known.key) == size
        {
            return known
        }
        let bytes = FileBytes(file: file, size: size)
        guard let key = ObjectKey(bytes: try await bytes.digest()) else { throw ObjectStoreError.wrongHash }
        if try await place.contents.size(of: key) != size {
            try await place.contents.put(key, size: size, bytes: bytes)
            sent.add(size)
        }
        return BackupFile(key: key, size: size, modified: modified, path: path)
    }

    // MARK: Large files

    /// Sends the large files that the backup lacks: both places list theirs in the same order.
    private mutating func sendObjects(_ spool: DatabaseSpool) async throws {
        var (theirs, needed) = (StoreCursor(place.contents), NeededCursor(spool))
        var (files, group, last) = ([BackupFile](), "", ObjectKey?.none)
        while true {
            let page = try await backup.objects.list(after: last, limit: Self.page)
            for object in page {
                let digits = String(object.key.hex.prefix(2))
                if digits != group {
                    try await finishObjects(&files, group)
                    group = digits
                }
                guard try await sendObject(object, &theirs) else { continue }
                manifest.missing += try needed.missing(before: object.key)
                files.append(BackupFile(key: object.key, size: object.size, modified: 0, path: object.key.hex))
            }
            guard page.count == Self.page, let end = page.last?.key else { break }
            last = end
        }
        try await finishObjects(&files, group)
        manifest.missing += try needed.missing(before: nil)
    }

    private mutating func finishObjects(_ files: inout [BackupFile], _ group: String) async throws {
        guard !files.isEmpty else { return }
        for file in files { manifest.total.add(file.size) }
        manifest.objects[group] = try await keep(Array(files.map(\.line).joined().utf8), counts: false).hex
        files = []
    }

    /// Sends one unless the backup has it; false when it goes meanwhile.
    private mutating func sendObject(_ object: StoredObject, _ theirs: inout StoreCursor) async throws -> Bool {
        if try await theirs.size(of: object.key) == object.size { return true }
        guard let reading = try await backup.objects.read(object.key, range: nil) else { return false }
        do {
            try await place.contents.put(object.key, size: object.size, bytes: reading.bytes)
        } catch ObjectStoreError.wrongHash, ObjectStoreError.wrongSize {
            // What is damaged in the hub is missing in the backup, and the backup says so.
            return false
        }
        sent.add(object.size)
        return true
    }
}
