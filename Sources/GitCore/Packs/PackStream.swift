package import NIOCore
import OpenSSLKit

/// Produces the pack of a selection by copying entries as they are stored.
///
/// Entries leave in the order of packs and offsets, so a base always leaves before the deltas on it; distances are
/// rewritten. Only a delta whose base the client will not have is rebuilt and compressed. Memory: a window of 256 KiB, one
/// rebuilt object up to the limit for memory, and about 30 bytes for each object. Belongs to one thread at a time.
///
/// - Source: gitformat-pack(5).
package final class PackStream {
    /// What the client's capabilities allow.
    package struct Options: Sendable {
        package var ofsDelta: Bool
        /// Deltas may be based on objects that the client has.
        package var thin: Bool
        /// Where objects too large for memory are rebuilt.
        package var temporaryDirectory: String

        package init(ofsDelta: Bool, thin: Bool, temporaryDirectory: String) {
            self.ofsDelta = ofsDelta
            self.thin = thin
            self.temporaryDirectory = temporaryDirectory
        }
    }

    /// A range of a file that is copied as it is.
    private struct FileRange {
        var file: OpenFile
        var from: Int64
        var to: Int64
    }

    private let selection: ObjectSelection
    private let options: Options
    private let packs: PackSet
    private var items: [ObjectLocation]
    /// Where each item written so far starts in our output.
    private var outputOffsets: [Int64]
    /// Bytes to write before `range`.
    private var head: ArraySlice<UInt8>
    private var range: FileRange?
    private var window = PackWindow()
    private let checksum: SHA1Stream
    private var position: Int64 = 0
    private var nextItem = 0
    private var lastRank: (pack: Int, rank: Int)?
    private var isTrailerQueued = false
    private var deflater: WholeDeflater?

    /// Objects over this size are rebuilt in temporary files.
    private static let memoryLimit = GitLimits.standard.objectBytesInMemory

    /// Locates and orders the objects.
    ///
    /// - Throws: `PackError.missing` when one is not there.
    package init(_ selection: ObjectSelection, options: Options) throws {
        self.selection = selection
        self.options = options
        packs = selection.reader.packs
        items = []
        items.reserveCapacity(selection.selected.count)
        for oid in selection.selected {
            guard let location = packs.locate(oid) else { throw PackError.missing(oid) }
            items.append(location)
        }
        items.sort { ($0.pack, $0.offset) < ($1.pack, $1.offset) }
        outputOffsets = []
        outputOffsets.reserveCapacity(items.count)
        checksum = try SHA1Stream()
        head = Pack.header(count: UInt32(clamping: items.count))[...]
    }

    deinit {
        window.deallocate()
    }

    /// How many objects the pack holds, and how many of them were begun.
    package var progress: (written: Int, total: Int) { (nextItem, items.count) }

    /// Appends up to `limit` bytes; false once the pack is complete.
    package func read(into buffer: inout ByteBuffer, limit: Int) throws -> Bool {
        let goal = buffer.writerIndex + limit
        var unhashed = buffer.writerIndex
        while buffer.writerIndex < goal {
            if try write(into: &buffer, room: goal - buffer.writerIndex) { continue }
            if nextItem < items.count {
                try queueNextItem()
                continue
            }
            guard !isTrailerQueued else { return false }
            try hash(buffer, from: unhashed)
            unhashed = buffer.writerIndex
            head = try checksum.finalize()[...]
            isTrailerQueued = true
        }
        if !isTrailerQueued { try hash(buffer, from: unhashed) }
        return true
    }

    private func hash(_ buffer: ByteBuffer, from start: Int) throws {
        try buffer.withUnsafeReadableBytes { bytes in
            try checksum.update(UnsafeRawBufferPointer(rebasing: bytes.suffix(buffer.writerIndex - start)))
        }
    }

    /// Writes some of what is queued; false when nothing is.
    private func write(into buffer: inout ByteBuffer, room: Int) throws -> Bool {
        if !head.isEmpty {
            let piece = head.prefix(room)
            buffer.writeBytes(piece)
            head = head.dropFirst(piece.count)
            position += Int64(piece.count)
            return true
        }
        guard let current = range else { return false }
        let wanted = Int(min(Int64(room), current.to - current.from))
        let bytes = try window.bytes(of: current.file, at: current.from, wanted: wanted)
        guard !bytes.isEmpty || wanted == 0 else { throw PackError.malformed("pack file is cut off") }
        buffer.writeBytes(bytes)
        position += Int64(bytes.count)
        let next = current.from + Int64(bytes.count)
        range = next < current.to ? FileRange(file: current.file, from: next, to: current.to) : nil
        return true
    }
}

extension PackStream {
    private func queueNextItem() throws {
        let item = items[nextItem]
        outputOffsets.append(position)
        nextItem += 1
        let pack = packs.packs[item.pack]
        let rank = try self.rank(of: item)
        let end = pack.order.end(ofRank: rank)
        let file = try pack.file()
        let start = try window.bytes(of: file, at: item.offset, wanted: Self.headerWindow)
        guard let header = try PackEntryHeader.parse(start) else { throw PackError.malformed("entry header cut off") }
        let content = FileRange(file: file, from: item.offset + Int64(header.byteCount), to: end)
        var bytes: [UInt8] = []
        switch try base(of: header, at: item) {
        case .none where header.base == .none:
            range = FileRange(file: file, from: item.offset, to: end)
            return
        case .none:
            return try queueRebuilt(item)
        case .distance(let distance):
            PackEntryHeader.encode(type: .ofsDelta, size: header.size, into: &bytes)
            PackEntryHeader.encodeOffset(distance, into: &bytes)
        case .id(let oid):
            PackEntryHeader.encode(type: .refDelta, size: header.size, into: &bytes)
            oid.append(to: &bytes)
        }
        head = bytes[...]
        range = content
    }

    /// Enough for a header, and for most entries whole.
    private static let headerWindow = 4 << 10

    /// Which entry of its pack an item is; usually the one behind the last.
    private func rank(of item: ObjectLocation) throws -> Int {
        let order = packs.packs[item.pack].order
        if let last = lastRank, last.pack == item.pack, last.rank + 1 < packs.packs[item.pack].index.count {
            let position = order.position(atRank: last.rank + 1)
            if packs.packs[item.pack].index.offset(at: position) == item.offset {
                lastRank = (item.pack, last.rank + 1)
                return last.rank + 1
            }
        }
        guard let rank = order.rank(ofOffset: item.offset) else {
            throw PackError.malformed("no entry at \(item.offset)")
        }
        lastRank = (item.pack, rank)
        return rank
    }

    /// How the client can find the base of a delta; none when it cannot, or when the entry is no delta.
    private func base(of header: PackEntryHeader, at item: ObjectLocation) throws -> DeltaBase {
        let oid: ObjectID
        switch header.base {
        case .none:
            return .none
        case .id(let base):
            oid = base
        case .distance(let distance):
            let base = ObjectLocation(pack: item.pack, offset: item.offset - Int64(clamping: distance))
            if options.ofsDelta, let written = indexOfWritten(base) {
                return .distance(UInt64(clamping: position - outputOffsets[written]))
            }
            let pack = packs.packs[item.pack]
            guard let rank = pack.order.rank(ofOffset: base.offset) else {
                throw PackError.malformed("no entry at \(base.offset)")
            }
            oid = pack.index.oid(at: pack.order.position(atRank: rank))
        }
        if selection.isSelected(oid) || (options.thin && selection.isHad(oid)) { return .id(oid) }
        return .none
    }

    /// Index among the items before the current one; nil when the base is not among them.
    private func indexOfWritten(_ base: ObjectLocation) -> Int? {
        var low = 0
        var high = nextItem - 1
        while low < high {
            let middle = (low + high) / 2
            if items[middle] == base { return middle }
            if (items[middle].pack, items[middle].offset) < (base.pack, base.offset) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return nil
    }

    /// Queues an object whose stored form is of no use to the client: whole, freshly compressed.
    private func queueRebuilt(_ item: ObjectLocation) throws {
        let (type, size) = try selection.reader.header(at: item)
        var bytes: [UInt8] = []
        PackEntryHeader.encode(type: PackEntryType(type), size: UInt64(clamping: size), into: &bytes)
        guard size <= Int64(Self.memoryLimit),
            let object = try selection.reader.objectInMemory(at: item, limit: Self.memoryLimit)
        else {
            head = bytes[...]
            return range = try compressedInFile(item)
        }
        let deflater = try deflater ?? WholeDeflater(level: 1)
        self.deflater = deflater
        bytes.append(contentsOf: object.bytes.withUnsafeBytes { deflater.deflate($0) })
        head = bytes[...]
    }

    private func compressedInFile(_ item: ObjectLocation) throws -> FileRange {
        let spooled = try selection.reader.spool(item, in: options.temporaryDirectory)
        let output = FileAppender(try OpenFile(temporaryIn: options.temporaryDirectory))
        let stream = try StreamDeflater(level: 1)
        try spooled.stream { try stream.deflate($0, isLast: false) { try output.append($0) } }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        try stream.deflate(nothing, isLast: true) { try output.append($0) }
        try output.flush()
        return FileRange(file: output.file, from: 0, to: output.count)
    }
}
