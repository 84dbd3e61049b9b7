/// Goes through trees of deltas, depth first from their roots, and rebuilds the objects.
///
/// Bases on the current path stay in memory up to a number of bytes; beyond that the ones nearest the root are dropped and
/// rebuilt when they are needed again. Objects over the limit for memory go through temporary files. Of all walkers of a
/// pack only one at a time has large objects, so that more walkers take little more memory. Belongs to one thread at a
/// time; reads the pack, which nobody changes while walkers run.
final class DeltaWalker {
    /// Where an object comes from.
    enum Source {
        /// Index of the object's entry.
        case entry(Int)
        /// A base that lies in the repository.
        case external(ObjectID)
    }

    /// An object on the current path.
    private struct Frame {
        var source: Source
        var content: Content
        /// Deltas on this object that are still to be done.
        var deltas: [Int]
        var isLarge: Bool
    }

    private enum Content {
        case memory(GitObject)
        case spooled(SpooledObject)
        case dropped
    }

    private let pack: IncomingPack
    private unowned let resolver: DeltaResolver
    private let repository: ObjectReader
    private let entries: EntryReader
    private let pathBytes: Int
    private var path: [Frame] = []
    private var pathBytesUsed = 0
    private var findings: ObjectFindings
    private var named: [(entry: Int, oid: ObjectID, type: ObjectType)] = []
    private var hasLargeObjectTurn = false
    private var largeFrames = 0

    /// Spooled bases that are kept on the path.
    private static let pathFiles = 4
    /// Objects and deltas beyond this many bytes are large.
    private static let largeBytes = 4 << 20
    /// Blobs up to this size are looked at whole, also when they were rebuilt in a file.
    private static let inspectedBytes: Int64 = 1 << 20
    /// Targets of links that are kept before they go into the pack.
    private static let keptLinks = 1 << 16

    /// - Parameters:
    ///   - resolver: who gives it trees.
    ///   - repository: where bases are that are not in the pack; used by whoever has the turn for large objects.
    ///   - pathBytes: of bases that are kept.
    init(
        _ pack: IncomingPack,
        _ resolver: DeltaResolver,
        _ repository: ObjectReader,
        pathBytes: Int
    ) throws(PackError) {
        self.pack = pack
        self.resolver = resolver
        self.repository = repository
        self.pathBytes = pathBytes
        findings = ObjectFindings(probe: pack.findings.probe)
        entries = try EntryReader()
    }

    /// Whether it is in no tree.
    var isIdle: Bool { path.isEmpty }

    /// Does up to `count` things; ends before when there is nothing to do, or nothing without the turn for large objects.
    func walk(_ count: Int) throws {
        for _ in 0..<count {
            guard try step() else { return }
        }
    }

    /// Names the objects in the pack that were rebuilt since it was asked last, and answers how many they are.
    ///
    /// Not while another walker runs.
    func deliver() -> Int {
        defer { named.removeAll(keepingCapacity: true) }
        for (entry, oid, type) in named {
            pack.entries[entry].oid = oid
            pack.entries[entry].objectType = type
        }
        if findings.links.count > Self.keptLinks { deliverFindings() }
        return named.count
    }

    /// Adds to the pack what the objects refer to.
    ///
    /// Not while another walker runs.
    func deliverFindings() {
        pack.findings.merge(findings)
        findings = ObjectFindings(probe: findings.probe)
    }

    private func step() throws -> Bool {
        guard let last = path.indices.last else {
            guard let (base, deltas) = resolver.takeRoot() else { return false }
            push(Frame(source: base, content: .dropped, deltas: deltas, isLarge: isLarge(base)))
            return true
        }
        guard let delta = path[last].deltas.last else {
            pop()
            return true
        }
        guard mayResolve(delta, on: path[last]) else { return false }
        path[last].deltas.removeLast()
        try resolve(delta)
        returnTurn()
        return true
    }

    /// Rebuilds one delta on the object at the end of the path.
    private func resolve(_ number: Int) throws {
        let entry = pack.deltas[number].entry
        guard path.count <= pack.limits.deltaDepth else {
            throw PackRefusal.limit("a chain of more than \(pack.limits.deltaDepth) deltas")
        }
        let content = try apply(entry, to: try base(at: path.count - 1))
        let (oid, type) = try admit(content)
        named.append((entry, oid, type))
        let deltas = resolver.takeDeltas(on: entry, named: oid)
        guard !deltas.isEmpty else { return }
        push(Frame(source: .entry(entry), content: content, deltas: deltas, isLarge: isLarge(content)))
    }

    private func admit(_ content: Content) throws -> (ObjectID, ObjectType) {
        switch content {
        case .memory(let object):
            return (try object.bytes.withUnsafeBytes { try findings.admit($0, object.type, pack.limits) }, object.type)
        case .spooled(let object):
            guard object.type == .blob else {
                throw PackRefusal.limit(
                    "a \(object.type.name) of \(object.size) bytes is larger than this server accepts"
                )
            }
            // Small itself, it was only made out of something large: it is looked at like every small blob.
            guard object.size > Self.inspectedBytes else {
                var bytes: [UInt8] = []
                try object.stream { bytes.append(contentsOf: $0) }
                return (try bytes.withUnsafeBytes { try findings.admit($0, .blob, pack.limits) }, .blob)
            }
            let hasher = try StreamingObjectHasher(type: .blob, size: object.size)
            try object.stream { try hasher.update($0) }
            return (try hasher.finish(), .blob)
        case .dropped:
            throw PackRefusal.malformed("pack has unresolved deltas")
        }
    }
}

/// The turn for large objects.
extension DeltaWalker {
    private func isLarge(_ base: Source) -> Bool {
        switch base {
        case .entry(let entry): pack.entries[entry].size > Self.largeBytes
        // However small, it may be made out of something large; and the reader of the repository is one for all.
        case .external: true
        }
    }

    private func isLarge(_ content: Content) -> Bool {
        switch content {
        case .memory(let object): object.bytes.count > Self.largeBytes
        case .spooled: true
        case .dropped: false
        }
    }

    /// Whether a delta may be resolved now: it, its base and what it makes are small, or the walker has the turn.
    private func mayResolve(_ number: Int, on frame: Frame) -> Bool {
        if hasLargeObjectTurn { return true }
        let delta = pack.deltas[number]
        let bytes = max(delta.targetSize, pack.entries[delta.entry].size)
        guard frame.isLarge || bytes > Self.largeBytes else { return true }
        hasLargeObjectTurn = resolver.takeLargeObjectTurn()
        return hasLargeObjectTurn
    }

    /// Gives the turn back once nothing large is left.
    private func returnTurn() {
        guard hasLargeObjectTurn, largeFrames == 0 else { return }
        hasLargeObjectTurn = false
        resolver.returnLargeObjectTurn()
    }
}

/// Objects on the path.
extension DeltaWalker {
    private func push(_ frame: Frame) {
        path.append(frame)
        if frame.isLarge { largeFrames += 1 }
        keep(frame.content)
    }

    private func pop() {
        guard let frame = path.popLast() else { return }
        pathBytesUsed -= memory(of: frame.content)
        if frame.isLarge { largeFrames -= 1 }
        returnTurn()
    }

    /// Counts the content, and drops what is too much for the path.
    private func keep(_ content: Content) {
        pathBytesUsed += memory(of: content)
        var files = path.count { if case .spooled = $0.content { true } else { false } }
        for index in path.indices.dropLast() where pathBytesUsed > pathBytes || files > Self.pathFiles {
            if case .spooled = path[index].content { files -= 1 }
            pathBytesUsed -= memory(of: path[index].content)
            path[index].content = .dropped
        }
    }

    private func memory(of content: Content) -> Int {
        if case .memory(let object) = content { object.bytes.count } else { 0 }
    }

    /// The content of an object on the path, rebuilt from the nearest one above it that is still there.
    private func base(at index: Int) throws -> Content {
        var start = index
        while start > 0, case .dropped = path[start].content { start -= 1 }
        var content = path[start].content
        if case .dropped = content { content = try loadRoot(path[start].source) }
        for frame in path[(start + 1)...].prefix(index - start) {
            if case .entry(let entry) = frame.source { content = try apply(entry, to: content) }
        }
        if case .dropped = path[index].content {
            path[index].content = content
            pathBytesUsed += memory(of: content)
        }
        return content
    }

    private func loadRoot(_ source: Source) throws -> Content {
        switch source {
        case .entry(let entry): try load(entry)
        case .external(let oid): try loadExternal(oid)
        }
    }

    /// Reads a whole object of the pack.
    private func load(_ entry: Int) throws -> Content {
        let known = pack.entries[entry]
        let file = pack.file
        let end = pack.end(of: entry)
        guard let type = known.objectType else { throw PackRefusal.malformed("pack has unresolved deltas") }
        guard known.size <= Int64(pack.memoryLimit(for: type)) else {
            return .spooled(
                try SpooledObject.inflate(
                    known.header,
                    in: file,
                    at: known.offset,
                    end: end,
                    with: entries,
                    directory: pack.directory
                )
            )
        }
        let bytes = try entries.content(of: known.header, in: file, at: known.offset, end: end)
        return .memory(GitObject(type: type, bytes: bytes))
    }

    private func loadExternal(_ oid: ObjectID) throws -> Content {
        guard let location = repository.packs.locate(oid) else { throw PackRefusal.missingBase(oid) }
        let header = try repository.header(at: location)
        guard header.size <= Int64(pack.memoryLimit(for: header.type)) else {
            return .spooled(try repository.spool(location, in: pack.directory))
        }
        // Small itself, it may be made out of something large.
        guard let object = try repository.objectInMemory(at: location, limit: pack.memoryLimit(for: header.type)) else {
            return .spooled(try repository.spool(location, in: pack.directory))
        }
        return .memory(object)
    }

    /// Makes an object out of a delta entry and its base.
    private func apply(_ entry: Int, to base: Content) throws -> Content {
        do {
            switch base {
            case .memory(let object):
                if let result = try applyInMemory(entry, to: object) { return .memory(result) }
                return .spooled(try applySpooled(entry, to: SpooledObject.write(object, directory: pack.directory)))
            case .spooled(let object):
                return .spooled(try applySpooled(entry, to: object))
            case .dropped:
                throw PackRefusal.malformed("pack has unresolved deltas")
            }
        } catch let error as DeltaError {
            throw PackRefusal.malformed(error.message)
        } catch PackError.malformed(let text) {
            throw PackRefusal.malformed(text)
        }
    }

    /// Nil when delta or result are too large for memory.
    private func applyInMemory(_ entry: Int, to base: GitObject) throws -> GitObject? {
        let limit = pack.memoryLimit(for: base.type)
        let known = pack.entries[entry]
        guard known.size <= Int64(limit) else { return nil }
        let delta = try entries.content(
            of: known.header,
            in: pack.file,
            at: known.offset,
            end: pack.end(of: entry)
        )
        return try delta.withUnsafeBytes { delta in
            guard try DeltaHeader(parsing: delta).targetSize <= UInt64(limit) else { return nil }
            let bytes = try base.bytes.withUnsafeBytes { try Delta.apply(delta, to: $0, limit: limit) }
            return GitObject(type: base.type, bytes: bytes)
        }
    }

    private func applySpooled(_ entry: Int, to base: SpooledObject) throws -> SpooledObject {
        let known = pack.entries[entry]
        return try base.applying(
            known.header,
            in: pack.file,
            at: known.offset,
            end: pack.end(of: entry),
            with: entries,
            directory: pack.directory,
            limit: pack.limits.objectBytes
        )
    }
}
