/// The inflated content of the entry that is arriving, of one entry after the other.
///
/// Inflates with zlib, because clients do: libdeflate takes streams that zlib refuses, and they must not get in.
///
/// Belongs to one thread at a time.
final class EntryContent {
    private enum Mode {
        /// An object that fits into memory.
        case memory(ObjectType)
        /// A blob that does not.
        case hashed(StreamingObjectHasher)
        /// A delta: only its sizes are looked at here.
        case delta
    }

    private let pack: IncomingPack
    private let streaming: StreamInflater
    private var mode = Mode.delta
    private var size = 0
    private var count = 0
    private var buffer: UnsafeMutableRawBufferPointer

    /// What the buffer holds without growing.
    private static let usualBytes = 1 << 20
    /// Of a delta only so much is kept: the two sizes in front.
    private static let deltaPrefixBytes = 20

    init(_ pack: IncomingPack) throws(PackError) {
        self.pack = pack
        streaming = try StreamInflater()
        buffer = .allocate(byteCount: Self.usualBytes, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    /// Starts the content that follows `header`, whose size was compared with the limits.
    func begin(_ header: PackEntryHeader) throws {
        size = Int(header.size)
        count = 0
        streaming.reset()
        switch header.type.objectType {
        case nil: mode = .delta
        case let type? where size <= pack.memoryLimit(for: type): mode = .memory(type)
        case let type?: mode = .hashed(try StreamingObjectHasher(type: type, size: Int64(size)))
        }
    }

    /// Consumes bytes of the zlib stream.
    ///
    /// - Parameter sent: bytes of the pack that have arrived, which bound what they may inflate to.
    func consume(_ rest: UnsafeRawBufferPointer, sent: Int64) throws -> (used: Int, isComplete: Bool) {
        do {
            let (used, isComplete) = try streaming.inflate(rest) { try take($0, sent: sent) }
            return (used, isComplete)
        } catch PackError.malformed(let text) {
            throw PackRefusal.malformed(text)
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, sent: Int64) throws {
        guard bytes.count <= size - count else {
            throw PackRefusal.malformed("an object inflates to more than its declared size")
        }
        try pack.account(inflated: Int64(bytes.count), sent: sent)
        switch mode {
        case .memory:
            grow(to: count + bytes.count)
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
        case .hashed(let hasher):
            try hasher.update(bytes)
        case .delta where count < Self.deltaPrefixBytes:
            let kept = UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.deltaPrefixBytes - count))
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: kept)
        case .delta:
            break
        }
        count += bytes.count
    }

    /// Makes room by doubling: a declared size alone allocates nothing.
    private func grow(to needed: Int) {
        guard needed > buffer.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(needed, 2 * buffer.count), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
        buffer.deallocate()
        buffer = larger
    }

    /// Ends the content: verifies its size, and names and checks it when it is an object.
    ///
    /// - Returns: the object's id; zero for a delta.
    func finish() throws -> ObjectID {
        guard count == size else {
            throw PackRefusal.malformed("an object inflates to less than its declared size")
        }
        defer { shrink() }
        switch mode {
        case .memory(let type):
            return try pack.findings.admit(UnsafeRawBufferPointer(rebasing: buffer[..<size]), type, pack.limits)
        case .hashed(let hasher):
            return try hasher.finish()
        case .delta:
            try accountTarget()
            return .zero
        }
    }

    private func accountTarget() throws {
        do throws(DeltaError) {
            let prefix = UnsafeRawBufferPointer(rebasing: buffer[..<min(size, Self.deltaPrefixBytes)])
            let header = try DeltaHeader(parsing: prefix)
            guard header.targetSize <= UInt64(clamping: pack.limits.objectBytes) else {
                throw .targetTooLarge(header.targetSize)
            }
            pack.declaredTargetBytes += Int64(header.targetSize)
            pack.deltas[pack.deltas.count - 1].targetSize = Int64(header.targetSize)
        } catch {
            throw PackRefusal.malformed(error.message)
        }
    }

    /// Gives memory back after a large object.
    private func shrink() {
        guard buffer.count > Self.usualBytes else { return }
        buffer.deallocate()
        buffer = .allocate(byteCount: Self.usualBytes, alignment: 16)
    }
}
