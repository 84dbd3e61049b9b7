package import NIOCore
import OpenSSLKit

/// Produces a pack by copying entries as they are stored.
///
/// Entries leave in the order of packs and offsets, so a base always leaves before the deltas on it. A pack that is taken
/// whole is one range: nothing in it is looked at. Elsewhere the headers are read, entries whose deltas keep their
/// distances are copied in ranges, and other distances are rewritten. Only a delta whose base the client will not have is
/// rebuilt and compressed. Memory: a window of 256 KiB, one rebuilt object up to the limit for memory, one bit for
/// each stored object and 24 bytes for each range. Belongs to one thread at a time.
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
    struct FileRange {
        var file: OpenFile
        var from: Int64
        var to: Int64
    }

    let contents: PackContents
    let options: Options
    let packs: PackSet
    let total: Int
    var runs: PackRuns
    /// Bytes to write before `range`.
    var head: ArraySlice<UInt8> = []
    var range: FileRange?
    var window = PackWindow()
    var position: Int64 = 0
    /// Objects that were queued.
    var written = 0
    /// The pack, and the rank in it, from which on objects are looked for.
    var cursor = (pack: 0, rank: 0)
    var deflater: WholeDeflater?
    private let checksum: SHA1Stream
    /// The trailer of the one stored pack that the output is; nil when there is something to hash.
    private let storedTrailer: ObjectID?
    private var isTrailerQueued = false

    /// Plans the output.
    package init(_ contents: PackContents, options: Options) throws {
        self.contents = contents
        self.options = options
        packs = contents.plan.packs
        total = contents.plan.count
        runs = PackRuns(packs: packs.packs.count)
        checksum = try SHA1Stream()
        head = Pack.header(count: UInt32(clamping: total))[...]
        storedTrailer = Self.storedPack(of: contents.plan, options).map {
            contents.plan.packs.packs[$0].index.packChecksum
        }
    }

    /// The number of the one stored pack that the output is, byte for byte; nil when it is not.
    static func storedPack(of plan: PackPlan, _ options: Options) -> Int? {
        let taken = plan.sets.indices.filter { !plan.sets[$0].isEmpty }
        guard options.ofsDelta, taken.count == 1, plan.isWhole(taken[0]) else { return nil }
        return taken[0]
    }

    deinit {
        window.deallocate()
    }

    /// How many objects the pack holds, and how many of them were begun.
    package var progress: (written: Int, total: Int) { (written, total) }

    /// Where an entry that was copied lies in the output; nil when it was not.
    package func output(of location: ObjectLocation) -> Int64? { runs.output(of: location) }

    /// Appends up to `limit` bytes; false once the pack is complete.
    package func read(into buffer: inout ByteBuffer, limit: Int) throws -> Bool {
        let goal = buffer.writerIndex + limit
        var unhashed = buffer.writerIndex
        while buffer.writerIndex < goal {
            if try write(into: &buffer, room: goal - buffer.writerIndex) { continue }
            if try queueNext() { continue }
            guard !isTrailerQueued else { return false }
            try hash(buffer, from: unhashed)
            unhashed = buffer.writerIndex
            var trailer: [UInt8] = []
            if let storedTrailer { storedTrailer.append(to: &trailer) } else { trailer = try checksum.finalize() }
            head = trailer[...]
            isTrailerQueued = true
        }
        if !isTrailerQueued { try hash(buffer, from: unhashed) }
        return true
    }

    private func hash(_ buffer: ByteBuffer, from start: Int) throws {
        guard storedTrailer == nil else { return }
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
        let count = try copy(current, wanted, into: &buffer)
        guard count > 0 || wanted == 0 else { throw PackError.malformed("pack file is cut off") }
        position += Int64(count)
        let next = current.from + Int64(count)
        range = next < current.to ? FileRange(file: current.file, from: next, to: current.to) : nil
        return true
    }

    /// Ranges longer than this are read straight into the output, past the window.
    private static let directBytes: Int64 = 32 << 10

    private func copy(_ range: FileRange, _ wanted: Int, into buffer: inout ByteBuffer) throws -> Int {
        if range.to - range.from > Self.directBytes, !window.holds(range.file, range.from) {
            return try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { room in
                try range.file.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<wanted]), at: range.from)
            }
        }
        let bytes = try window.bytes(of: range.file, at: range.from, wanted: wanted)
        return buffer.writeBytes(bytes)
    }
}
