/// An object in memory.
package struct GitObject: Sendable {
    package let type: ObjectType
    package let bytes: [UInt8]

    package init(type: ObjectType, bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }
}

/// Reads objects out of a set of packs, following chains of deltas.
///
/// One reader serves one operation on one thread at a time; it holds a bounded cache and a few buffers.
package final class ObjectReader {
    package let packs: PackSet
    private let entries: EntryReader
    private var cache: ObjectCache

    /// Chains longer than any pusher may make mean a damaged pack.
    private static let maximumDepth = 20_000

    /// - Parameter cacheBytes: bytes of objects that are kept for reuse.
    package init(_ packs: PackSet, cacheBytes: Int = 12 << 20) throws(PackError) {
        self.packs = packs
        entries = try EntryReader()
        cache = ObjectCache(limit: cacheBytes)
    }

    /// The object called `oid`; nil when no pack holds it.
    ///
    /// - Throws: `PackError.tooLarge` when it has more than `limit` bytes; errors of damaged packs and files.
    package func object(_ oid: ObjectID, limit: Int = GitLimits.standard.structuredObjectBytes) throws -> GitObject? {
        guard let location = packs.locate(oid) else { return nil }
        return try object(at: location, limit: limit)
    }

    /// The object called `oid`, which must be there and of one type.
    package func object(_ oid: ObjectID, as type: ObjectType) throws -> GitObject {
        guard let object = try object(oid), object.type == type else { throw PackError.missing(oid) }
        return object
    }

    /// The object whose entry lies at `location`; nil when it, or something it is made of, has more than `limit` bytes.
    package func objectInMemory(at location: ObjectLocation, limit: Int) throws -> GitObject? {
        do {
            return try object(at: location, limit: limit)
        } catch PackError.tooLarge {
            return nil
        }
    }

    /// A delta on the way from an object to its base; the content only while little is held.
    private struct PendingDelta {
        var location: ObjectLocation
        var content: [UInt8]?
    }

    /// Bytes of deltas that are held while their base is looked for; beyond that they are read again.
    private static let heldBytes = 4 << 20

    /// The object whose entry lies at `location`.
    ///
    /// - Throws: `PackError.tooLarge` when it, or something it is made of, has more than `limit` bytes.
    package func object(at location: ObjectLocation, limit: Int) throws -> GitObject {
        var deltas: [PendingDelta] = []
        var held = 0
        var current = location
        while true {
            if let known = cache[current] { return try rebuild(from: known, deltas, limit: limit) }
            guard deltas.count < Self.maximumDepth else { throw PackError.malformed("endless chain of deltas") }
            let (header, content) = try read(current, limit: limit)
            if let type = header.type.objectType {
                let base = GitObject(type: type, bytes: content)
                cache.insert(base, at: current)
                return try rebuild(from: base, deltas, limit: limit)
            }
            let isHeld = held + content.count <= Self.heldBytes
            if isHeld { held += content.count }
            deltas.append(PendingDelta(location: current, content: isHeld ? content : nil))
            current = try baseLocation(of: header, at: current)
        }
    }

    private func read(
        _ location: ObjectLocation,
        limit: Int
    ) throws -> (header: PackEntryHeader, content: [UInt8]) {
        let file = try packs.packs[location.pack].file()
        let (header, content) = try entries.entry(in: file, at: location.offset, limit: limit) {
            try end(of: location)
        }
        guard let content else {
            throw PackError.tooLarge(oid(at: location) ?? .zero, size: Int64(clamping: header.size))
        }
        return (header, content)
    }

    private func rebuild(from base: GitObject, _ deltas: [PendingDelta], limit: Int) throws -> GitObject {
        var object = base
        for delta in deltas.reversed() {
            let content = try delta.content ?? read(delta.location, limit: limit).content
            let bytes = try content.withUnsafeBytes { delta in
                let header = try DeltaHeader(parsing: delta)
                guard header.targetSize <= UInt64(clamping: limit) else {
                    throw PackError.tooLarge(.zero, size: Int64(clamping: header.targetSize))
                }
                return try object.bytes.withUnsafeBytes { try Delta.apply(delta, to: $0, limit: limit) }
            }
            object = GitObject(type: object.type, bytes: bytes)
            cache.insert(object, at: delta.location)
        }
        return object
    }

    /// Type and size of an object without building it; nil when no pack holds it.
    package func header(of oid: ObjectID) throws -> (type: ObjectType, size: Int64)? {
        guard let location = packs.locate(oid) else { return nil }
        return try header(at: location)
    }

    /// Type and size of the object whose entry lies at `location`.
    package func header(at location: ObjectLocation) throws -> (type: ObjectType, size: Int64) {
        var current = location
        var size: Int64?
        for _ in 0..<Self.maximumDepth {
            if let known = cache[current] { return (known.type, size ?? Int64(known.bytes.count)) }
            let file = try packs.packs[current.pack].file()
            let header = try entries.header(in: file, at: current.offset)
            if let type = header.type.objectType { return (type, size ?? Int64(clamping: header.size)) }
            if size == nil {
                let prefix = try entries.prefix(of: header, in: file, at: current.offset, count: 20)
                size = Int64(clamping: try prefix.withUnsafeBytes { try DeltaHeader(parsing: $0) }.targetSize)
            }
            current = try baseLocation(of: header, at: current)
        }
        throw PackError.malformed("endless chain of deltas")
    }

    /// Where the base of a delta entry lies: in the same pack, or (never in our own packs) in another.
    package func baseLocation(of header: PackEntryHeader, at location: ObjectLocation) throws -> ObjectLocation {
        switch header.base {
        case .distance(let distance):
            guard let distance = Int64(exactly: distance), distance <= location.offset else { break }
            return ObjectLocation(pack: location.pack, offset: location.offset - distance)
        case .id(let oid):
            let index = packs.packs[location.pack].index
            if let position = index.position(of: oid) {
                return ObjectLocation(pack: location.pack, offset: index.offset(at: position))
            }
            guard let other = packs.locate(oid) else { throw PackError.missing(oid) }
            return other
        case .none:
            break
        }
        throw PackError.malformed("base of the delta at \(location.offset)")
    }

    /// Where the entry at `location` ends.
    package func end(of location: ObjectLocation) throws -> Int64 {
        let order = packs.packs[location.pack].order
        guard let rank = order.rank(ofOffset: location.offset) else {
            throw PackError.malformed("no entry at \(location.offset)")
        }
        return order.end(ofRank: rank)
    }

    private func oid(at location: ObjectLocation) -> ObjectID? {
        let pack = packs.packs[location.pack]
        return pack.order.rank(ofOffset: location.offset).map { pack.index.oid(at: pack.order.position(atRank: $0)) }
    }
}

extension ObjectReader {
    /// Writes an object of any size to a nameless temporary file in `directory`; memory stays bounded.
    package func spool(_ location: ObjectLocation, in directory: String) throws -> SpooledObject {
        var deltas: [(location: ObjectLocation, header: PackEntryHeader)] = []
        var current = location
        while true {
            guard deltas.count < Self.maximumDepth else { throw PackError.malformed("endless chain of deltas") }
            let file = try packs.packs[current.pack].file()
            let header = try entries.header(in: file, at: current.offset)
            guard header.type.objectType == nil else {
                var object = try SpooledObject.inflate(
                    header,
                    in: file,
                    at: current.offset,
                    end: try end(of: current),
                    with: entries,
                    directory: directory
                )
                for delta in deltas.reversed() {
                    object = try object.applying(
                        delta.header,
                        in: packs.packs[delta.location.pack].file(),
                        at: delta.location.offset,
                        end: try end(of: delta.location),
                        with: entries,
                        directory: directory,
                        limit: .max
                    )
                }
                return object
            }
            deltas.append((current, header))
            current = try baseLocation(of: header, at: current)
        }
    }
}
