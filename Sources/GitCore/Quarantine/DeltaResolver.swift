/// Rebuilds the objects that an incoming pack holds as deltas: the second pass.
///
/// Walks each tree of deltas depth first from its base. Bases on the current path stay in memory up to
/// `pathBytes`; beyond that the ones nearest the root are dropped and rebuilt when they are needed again. Objects over
/// the limit for memory go through temporary files. Work is done in steps, so that the caller can report progress and
/// stop between them. Belongs to one thread at a time.
final class DeltaResolver {
    /// An object on the current path.
    private struct Frame {
        var source: Source
        var content: Content
        /// Deltas on this object that are still to be done.
        var children: [Int]
    }

    private enum Source {
        /// Index of the object's entry.
        case entry(Int)
        /// A base that lies in the repository.
        case external(ObjectID)
    }

    private enum Content {
        case memory(GitObject)
        case spooled(SpooledObject)
        case dropped
    }

    private let pack: IncomingPack
    private let repository: ObjectReader
    private let visible: Set<ObjectID>?
    private let entries: EntryReader
    /// Deltas by the index of the entry they are based on, as linked lists: first delta of an entry, next of a delta.
    private var firstByEntry: [UInt32]
    private var nextByDelta: [UInt32]
    private var byID: [ObjectID: [Int]] = [:]
    private var path: [Frame] = []
    private var pathBytesUsed = 0
    private var nextRoot = 0
    private var externalBases: [ObjectID] = []

    /// Deltas resolved so far.
    private(set) var resolved = 0
    private var externalBasesUsed: [ObjectID] = []

    /// Bases that are not in the pack: what a thin pack leaves out.
    ///
    /// A base that was taken out of the repository may have turned up in the pack later, as a delta itself.
    var missingBases: [ObjectID] {
        guard !externalBasesUsed.isEmpty else { return [] }
        var missing = Set(externalBasesUsed)
        for entry in pack.entries { missing.remove(entry.oid) }
        return externalBasesUsed.filter(missing.contains)
    }

    private static let none = UInt32.max
    /// Bytes of bases that are kept on the path.
    private static let pathBytes = 48 << 20
    /// Spooled bases that are kept on the path.
    private static let pathFiles = 4

    /// - Parameters:
    ///   - repository: where the bases of a thin pack are looked up.
    ///   - visible: the objects of the repository that may serve as bases; nil for all.
    init(_ pack: IncomingPack, repository: ObjectReader, visible: Set<ObjectID>? = nil) throws(PackError) {
        self.visible = visible
        self.pack = pack
        self.repository = repository
        entries = try EntryReader()
        firstByEntry = [UInt32](repeating: Self.none, count: pack.entries.count)
        nextByDelta = [UInt32](repeating: Self.none, count: pack.deltas.count)
        for (number, delta) in pack.deltas.enumerated() {
            switch delta.base {
            case .entry(let entry):
                nextByDelta[number] = firstByEntry[entry]
                firstByEntry[entry] = UInt32(truncatingIfNeeded: number)
            case .id(let oid):
                byID[oid, default: []].append(number)
            }
        }
    }

    /// Resolves some deltas; false when all are done.
    ///
    /// - Throws: `PackRefusal.missingBase` when a base is nowhere or deltas are based on each other in a circle.
    func step() throws -> Bool {
        if let frame = path.indices.last {
            if let delta = path[frame].children.popLast() {
                try resolve(delta)
            } else {
                drop(frame)
                path.removeLast()
            }
            return true
        }
        return try enterNextRoot()
    }

    private func enterNextRoot() throws -> Bool {
        while nextRoot < pack.entries.count {
            let entry = nextRoot
            nextRoot += 1
            guard pack.entries[entry].type.objectType != nil else { continue }
            let children = takeChildren(of: entry)
            guard !children.isEmpty else { continue }
            push(Frame(source: .entry(entry), content: try load(entry), children: children))
            return true
        }
        return try enterExternalBase()
    }

    /// Starts with a base out of the repository once nothing in the pack leads further.
    private func enterExternalBase() throws -> Bool {
        if externalBases.isEmpty {
            guard !byID.isEmpty else {
                return try checkAllResolved()
            }
            externalBases = byID.keys.filter(mayServe).sorted(by: >)
            guard !externalBases.isEmpty else { throw PackRefusal.missingBase(byID.keys.min() ?? .zero) }
        }
        guard let oid = externalBases.popLast() else { return true }
        // Resolving another base may have found this one inside the pack meanwhile.
        guard let children = byID.removeValue(forKey: oid) else { return true }
        externalBasesUsed.append(oid)
        push(Frame(source: .external(oid), content: try loadExternal(oid), children: children))
        return true
    }

    private func mayServe(_ oid: ObjectID) -> Bool {
        (visible?.contains(oid) ?? true) && repository.packs.contains(oid)
    }

    private func checkAllResolved() throws -> Bool {
        guard resolved == pack.deltas.count else { throw PackRefusal.malformed("pack has unresolved deltas") }
        return false
    }

    /// The deltas on an entry, by position and by id, taken out of the tables.
    private func takeChildren(of entry: Int) -> [Int] {
        var children = byID.removeValue(forKey: pack.entries[entry].oid) ?? []
        var next = firstByEntry[entry]
        while next != Self.none {
            children.append(Int(next))
            next = nextByDelta[Int(next)]
        }
        firstByEntry[entry] = Self.none
        return children
    }

    /// Rebuilds one delta on the object at the end of the path.
    private func resolve(_ number: Int) throws {
        let delta = pack.deltas[number]
        guard path.count <= pack.limits.deltaDepth else {
            throw PackRefusal.limit("a chain of more than \(pack.limits.deltaDepth) deltas")
        }
        let content = try apply(delta.entry, to: try base(at: path.count - 1))
        let (oid, type) = try admit(content)
        pack.entries[delta.entry].oid = oid
        pack.entries[delta.entry].objectType = type
        resolved += 1
        let children = takeChildren(of: delta.entry)
        if !children.isEmpty { push(Frame(source: .entry(delta.entry), content: content, children: children)) }
    }

    private func admit(_ content: Content) throws -> (ObjectID, ObjectType) {
        switch content {
        case .memory(let object):
            return (try object.bytes.withUnsafeBytes { try pack.admit($0, type: object.type) }, object.type)
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
                return (try bytes.withUnsafeBytes { try pack.admit($0, type: .blob) }, .blob)
            }
            let hasher = try StreamingObjectHasher(type: .blob, size: object.size)
            try object.stream { try hasher.update($0) }
            return (try hasher.finish(), .blob)
        case .dropped:
            throw PackRefusal.malformed("pack has unresolved deltas")
        }
    }
}

extension DeltaResolver {
    /// Blobs up to this size are looked at whole, also when they were rebuilt in a file.
    private static let inspectedBytes: Int64 = 1 << 20

    private func push(_ frame: Frame) {
        path.append(frame)
        pathBytesUsed += memory(of: frame.content)
        var files = path.count { if case .spooled = $0.content { true } else { false } }
        for index in path.indices.dropLast() where pathBytesUsed > Self.pathBytes || files > Self.pathFiles {
            if case .spooled = path[index].content { files -= 1 }
            drop(index)
        }
    }

    private func drop(_ index: Int) {
        pathBytesUsed -= memory(of: path[index].content)
        path[index].content = .dropped
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
