import Synchronization

/// One published pack: its file, its index and its reverse index.
///
/// Immutable, shared by all threads.
package final class Pack: Sendable {
    /// `pack-<checksum>`, the file name without its ending.
    package let name: String
    /// Bytes of the `.pack` file.
    package let size: Int64
    package let index: PackIndex
    package let order: PackOrder
    /// Nanoseconds since 1970 when the file was last written, which is when it came.
    package let written: Int64
    private let path: String
    /// Where the file is once the pack was joined with others.
    private let retiredPath: String
    private let files: PackFileCache
    private let companions = Mutex(Companions())

    /// What is read about the pack when somebody asks for it.
    private struct Companions {
        var bitmap: PackBitmap?
        /// Whether the file was looked for since the directory changed last.
        var isBitmapKnown = false
        var types: PackTypes?
    }

    /// Opens `<directory>/<name>.pack`, `.idx` and, when there is one, `.rev`.
    ///
    /// - Throws: `FileError`, or `PackError.malformed` when pack and index do not belong together.
    package init(directory: String, name: String, files: PackFileCache) throws {
        self.name = name
        let base = directory + "/" + name
        path = base + ".pack"
        retiredPath = directory + "/../../retired/\(name).pack"
        self.files = files
        let file = try files.file(path)
        size = try file.size()
        written = try file.modificationTime()
        index = try PackIndex(path: base + ".idx")
        guard size >= Int64(Pack.headerBytes + ObjectID.byteCount) else { throw PackError.malformed("pack too short") }
        var head = [UInt8](repeating: 0, count: Pack.headerBytes)
        var trailer = [UInt8](repeating: 0, count: ObjectID.byteCount)
        let size = size
        try head.withUnsafeMutableBytes { try file.readAll(into: $0, at: 0) }
        try trailer.withUnsafeMutableBytes { try file.readAll(into: $0, at: size - Int64($0.count)) }
        guard head.starts(with: Pack.header(count: UInt32(clamping: index.count))),
            ObjectID(bytes: trailer) == index.packChecksum
        else { throw PackError.malformed("pack and index differ") }
        order = PackOrder(path: base + ".rev", index: index, entriesEnd: size - Int64(ObjectID.byteCount))
    }

    /// The `.pack` file, opened if it is not; whoever reads keeps it open.
    package func file() throws -> OpenFile {
        do {
            return try files.file(path)
        } catch  where error.isMissing {
            return try files.file(retiredPath)
        }
    }

    /// The pack's bitmaps; nil when there are none, or none that can be read.
    package func bitmap() -> PackBitmap? {
        companions.withLock { companions in
            if companions.isBitmapKnown { return companions.bitmap }
            // It only makes answers cheaper: without it, or with a damaged one, they are found by walking.
            companions.bitmap = try? PackBitmap(path: String(path.dropLast(5)) + ".bitmap", index: index)
            companions.isBitmapKnown = true
            return companions.bitmap
        }
    }

    /// Lets a file of bitmaps that has come since be found.
    func lookForBitmapAgain() {
        companions.withLock { if $0.bitmap == nil { $0.isBitmapKnown = false } }
    }

    /// Most objects of a pack whose types are kept, at half a byte each.
    private static let keptTypes = 4 << 20

    /// The types of the pack's objects.
    package func types() throws -> PackTypes {
        if let known = companions.withLock({ $0.types }) { return known }
        let types = try bitmap().flatMap { try? PackTypes($0) } ?? PackTypes(scanning: self)
        if index.count <= Self.keptTypes { companions.withLock { $0.types = types } }
        return types
    }

    /// Bytes before the first entry.
    package static let headerBytes = 12

    /// `PACK`, version 2, number of objects.
    package static func header(count: UInt32) -> [UInt8] {
        var header: [UInt8] = [0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2]
        header.append(contentsOf: withUnsafeBytes(of: count.bigEndian, Array.init))
        return header
    }
}

/// Where an object lies: which pack of a `PackSet`, and the offset of its entry there.
package struct ObjectLocation: Hashable, Sendable {
    package let pack: Int
    package let offset: Int64
}

/// The packs of a repository at one moment, in the order in which they are asked.
///
/// The first pack that holds an id is the one that is read and served. Asking always in the same order keeps chains of
/// deltas that cross packs free of cycles: the base of an entry is found in the same pack or an earlier one.
package struct PackSet: Sendable {
    package let packs: [Pack]
    /// The commits of the repository in short; nil when nobody has written them down.
    package let graph: CommitGraph?

    package init(_ packs: [Pack], graph: CommitGraph? = nil) {
        self.packs = packs
        self.graph = graph
    }

    /// These packs and one more, which is asked last.
    package func adding(_ pack: Pack) -> PackSet { PackSet(packs + [pack], graph: graph) }

    /// Whether both are the same packs in the same order.
    package func isSame(as other: PackSet) -> Bool {
        packs.count == other.packs.count && zip(packs, other.packs).allSatisfy { $0 === $1 }
    }

    /// The pack that has bitmaps, with its number: the largest when there are several; nil without any.
    package func bitmapped() -> (number: Int, pack: Pack, bitmap: PackBitmap)? {
        let found = packs.enumerated().compactMap { number, pack in
            pack.bitmap().map { (number: number, pack: pack, bitmap: $0) }
        }
        return found.max { $0.pack.index.count < $1.pack.index.count }
    }

    /// The entry of `oid`; nil when no pack holds it.
    package func locate(_ oid: ObjectID) -> ObjectLocation? {
        for (number, pack) in packs.enumerated() {
            if let position = pack.index.position(of: oid) {
                return ObjectLocation(pack: number, offset: pack.index.offset(at: position))
            }
        }
        return nil
    }

    /// True when some pack holds `oid`.
    package func contains(_ oid: ObjectID) -> Bool {
        packs.contains { $0.index.position(of: oid) != nil }
    }

    /// All objects of all packs, counting those that lie in several packs each time.
    package var objectCount: Int { packs.reduce(0) { $0 + $1.index.count } }
}
