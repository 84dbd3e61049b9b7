/// What is known of one entry of an incoming pack.
struct IncomingEntry {
    /// Where the entry starts in the pack.
    var offset: Int64
    /// Bytes that the entry's content inflates to: of the object, or of the delta.
    var size: Int64
    /// The object's id; zero until a delta is resolved.
    var oid: ObjectID
    /// CRC-32 of the raw entry.
    var crc32: UInt32
    /// As in the pack.
    var type: PackEntryType
    /// Bytes before the zlib stream.
    var headerBytes: UInt8
    /// What the object is; nil until a delta is resolved.
    var objectType: ObjectType?

    /// The entry's header without the base, which `IncomingPack.deltas` holds.
    var header: PackEntryHeader {
        PackEntryHeader(type: type, size: UInt64(clamping: size), base: .none, byteCount: Int(headerBytes))
    }
}

/// A delta among the entries.
struct IncomingDelta {
    /// Index of the entry that is the delta.
    var entry: Int
    var base: Base
    /// Bytes of the object that it says it makes; 0 until it has arrived.
    var targetSize: Int64 = 0

    enum Base {
        /// Index of an earlier entry.
        case entry(Int)
        case id(ObjectID)
    }
}

/// A pack in quarantine: its file, and what was learnt of its objects while it came in.
///
/// About 110 bytes of memory for each object, beside the links. Changed by one thread at a time, while nobody reads.
final class IncomingPack {
    let file: OpenFile
    /// Writes the file while the pack arrives; nil for a pack that is stored already and only read again.
    let appender: FileAppender?
    let limits: GitLimits
    /// Where temporary files go.
    let directory: String
    /// In the order of the pack, so sorted by offset.
    var entries: [IncomingEntry] = []
    var deltas: [IncomingDelta] = []
    /// What the objects that are named refer to.
    var findings = ObjectFindings()
    /// Where the trailer starts; valid once the pack is complete.
    var trailerOffset: Int64 = 0
    /// Inflated bytes of all entries so far.
    var inflatedBytes: Int64 = 0
    /// Bytes of all objects that deltas say they make.
    var declaredTargetBytes: Int64 = 0
    /// A pack that arrives.
    init(path: String, directory: String, limits: GitLimits) throws {
        file = try OpenFile(creating: path)
        appender = FileAppender(file)
        self.directory = directory
        self.limits = limits
    }

    /// A pack that is stored, to be read again.
    init(stored pack: Pack, directory: String, limits: GitLimits) throws {
        file = try pack.file()
        appender = nil
        self.directory = directory
        self.limits = limits
    }

    /// Where the entry of this index ends.
    func end(of entry: Int) -> Int64 {
        entry + 1 < entries.count ? entries[entry + 1].offset : trailerOffset
    }

    /// Index of the entry that starts at `offset`; nil when none does.
    func entry(at offset: Int64) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset == offset { return middle }
            if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Bytes that an object of this type may have to be held in memory.
    func memoryLimit(for type: ObjectType) -> Int {
        type == .blob ? limits.objectBytesInMemory : limits.structuredObjectBytes
    }

    /// Counts inflated bytes against the limit, which grows with the bytes that were sent.
    func account(inflated count: Int64, sent: Int64) throws {
        inflatedBytes += count
        let (scaled, overflow) = sent.multipliedReportingOverflow(by: limits.expansionRatio)
        guard overflow || inflatedBytes - limits.expansionFree <= scaled else {
            throw PackRefusal.limit("pack inflates to more than \(limits.expansionRatio) times its size")
        }
    }
}
