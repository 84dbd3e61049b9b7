import ObjectStore

extension BackupPlace {
    /// A point by its name, or the last one.
    func point(_ name: String?) async throws -> String {
        if let name { return name }
        guard let last = try await points.names().last else {
            throw CommandFailure(.notFound, "the backup has no points yet; make one with `granary backup create`")
        }
        return last
    }

    /// All lists of files of a manifest, one after the other.
    func eachFile(of manifest: BackupManifest, _ body: (BackupFile) async throws -> Void) async throws {
        for (_, list) in manifest.files.sorted(by: { $0.key < $1.key }) {
            for file in try BackupFile.list(try await read(try Self.key(list))) { try await body(file) }
        }
    }

    /// All large files of a manifest, in order.
    func eachObject(of manifest: BackupManifest, _ body: (BackupFile) async throws -> Void) async throws {
        for (_, list) in manifest.objects.sorted(by: { $0.key < $1.key }) {
            for file in try BackupFile.list(try await read(try Self.key(list))) { try await body(file) }
        }
    }

    /// Removes all points but the last `count`, and the contents that only they have.
    ///
    /// The keys of all contents that stay are in memory meanwhile.
    /// - Returns: the names of the points that went, and what their contents took.
    func keep(last count: Int) async throws -> (points: [String], freed: BackupAmount) {
        let names = try await points.names()
        let old = Array(names.dropLast(max(1, count)))
        guard !old.isEmpty else { return ([], BackupAmount()) }
        var wanted: Set<ObjectKey> = []
        // Nothing goes unless everything that stays could be read.
        for point in names.suffix(max(1, count)) { try await collectKeys(of: point, into: &wanted) }
        for point in old { try await points.remove(point) }
        var (freed, last) = (BackupAmount(), ObjectKey?.none)
        while true {
            let page = try await contents.list(after: last, limit: 1_000)
            for content in page where !wanted.contains(content.key) {
                if try await contents.delete(content.key) { freed.add(content.size) }
            }
            guard page.count == 1_000, let end = page.last?.key else { return (old, freed) }
            last = end
        }
    }

    private func collectKeys(of point: String, into keys: inout Set<ObjectKey>) async throws {
        let manifest = try await manifest(of: point)
        keys.insert(try await manifestKey(of: point))
        let lists = [manifest.pieces, Array(manifest.files.values), Array(manifest.objects.values)].joined()
        for text in lists { keys.insert(try Self.key(text)) }
        var found = keys
        try await eachFile(of: manifest) { found.insert($0.key) }
        try await eachObject(of: manifest) { found.insert($0.key) }
        keys = found
    }

    /// Reads a key in a manifest.
    static func key(_ text: String) throws -> ObjectKey {
        guard let key = ObjectKey(hex: text) else {
            throw CommandFailure(.failure, "the manifest of the backup is damaged; try another point with --at")
        }
        return key
    }
}
