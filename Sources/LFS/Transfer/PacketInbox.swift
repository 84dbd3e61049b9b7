import GitCore
import NIOCore

/// The client's half of a conversation, packet by packet.
///
/// An actor, because the bytes of an upload are read by whoever stores them while the server waits.
/// Memory: what the source hands over at once, plus one unfinished packet.
actor PacketInbox {
    /// Nil while a read is under way.
    private var reader: Reader?
    /// Whether a command has begun whose flush-pkt was not read yet.
    private var isInCommand = false
    private var discardable: Int64

    private struct Reader {
        var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>
        var decoder = PktLineDecoder()
    }

    init(_ source: ByteSource, limits: TransferLimits) {
        reader = Reader(iterator: source.makeAsyncIterator())
        discardable = limits.discardedBytes
    }

    /// The next packet; nil when the client has hung up between two commands.
    ///
    /// - Throws: `TransferError`, and errors of the source.
    func next() async throws -> PktLine? {
        guard let packet = try await read() else {
            guard !isInCommand else { throw TransferError.truncated }
            return nil
        }
        isInCommand = packet != .flush
        return packet
    }

    /// The next packet of a command that has begun; nil from its flush-pkt on.
    func nextInCommand() async throws -> PktLine? {
        guard isInCommand, let packet = try await next(), packet != .flush else { return nil }
        return packet
    }

    /// The next bytes of an object; nil from the flush-pkt on.
    func nextData() async throws -> ByteBuffer? {
        while let packet = try await nextInCommand() {
            guard case .data(let bytes) = packet else {
                throw TransferError.malformed("a special packet inside the object's data")
            }
            if bytes.readableBytes > 0 { return bytes }
        }
        return nil
    }

    /// Reads what is left of the command and drops it.
    func finishCommand() async throws {
        while let packet = try await nextInCommand() {
            discardable -= Int64(PktLen.byteCount)
            if case .data(let bytes) = packet { discardable -= Int64(bytes.readableBytes) }
            guard discardable >= 0 else { throw TransferError.endless }
        }
    }

    private func read() async throws -> PktLine? {
        guard var current = reader else { throw TransferFault.concurrentReads }
        reader = nil
        defer { reader = current }
        while true {
            do throws(PktLineError) {
                if let packet = try current.decoder.next() { return packet }
            } catch {
                throw TransferError.malformed(error.message)
            }
            guard let bytes = try await current.iterator.next(isolation: self) else {
                guard current.decoder.leftover.readableBytes == 0 else { throw TransferError.truncated }
                return nil
            }
            current.decoder.append(bytes)
        }
    }
}

/// The bytes of one `put-object`.
struct ObjectData: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    let inbox: PacketInbox

    struct AsyncIterator: AsyncIteratorProtocol {
        let inbox: PacketInbox

        mutating func next() async throws -> ByteBuffer? { try await inbox.nextData() }

        mutating func next(isolation: isolated (any Actor)?) async throws -> ByteBuffer? {
            try await inbox.nextData()
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(inbox: inbox) }
}
