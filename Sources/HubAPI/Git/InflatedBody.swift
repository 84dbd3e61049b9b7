import CZlib
import GitCore
package import NIOCore

/// A gzip body, inflated as it arrives.
///
/// No more than `limit` bytes come out, and beyond `freeBytes` no more than `ratio` times what went in: a bomb is
/// refused after the first few pieces of it. Memory is one output buffer of 64 KiB and zlib's 32 KiB window.
package struct InflatedBody<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Element == ByteBuffer, Base.Failure == any Error {
    package typealias Element = ByteBuffer
    package typealias Failure = any Error

    private let base: Base
    private let limits: InflationLimits

    /// Inflates `base`.
    package init(_ base: Base, limits: InflationLimits) {
        self.base = base
        self.limits = limits
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), inflater: GzipInflater(limits: limits))
    }

    /// Pulls compressed bytes as output is asked for.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: Base.AsyncIterator
        fileprivate let inflater: GzipInflater

        package mutating func next() async throws -> ByteBuffer? {
            while true {
                if let output = try inflater.next() { return output }
                guard let input = try await base.next() else {
                    try inflater.finish()
                    return nil
                }
                inflater.feed(input)
            }
        }
    }
}

/// How much may come out of a compressed body.
package struct InflationLimits: Sendable, Equatable {
    /// Bytes in all.
    package var bytes: Int64
    /// Bytes out for each byte in.
    ///
    /// Requests of git, which are text, compress about threefold.
    package var ratio: Int64 = 100
    /// Bytes out before the ratio counts.
    package var freeBytes: Int64 = 1 << 20

    /// At most `bytes` bytes, with the usual ratio.
    package init(bytes: Int64, ratio: Int64 = 100, freeBytes: Int64 = 1 << 20) {
        self.bytes = bytes
        self.ratio = ratio
        self.freeBytes = freeBytes
    }
}

/// Why a body is refused while it is read.
package enum BodyError: ClientFault, Sendable, Equatable {
    /// More bytes than the limit, declared, sent or inflated.
    case tooLarge(limit: Int64)
    /// More came out of the compressed body than its size allows.
    case expandsTooMuch
    /// Not gzip, damaged, or cut short.
    case notGzip
    /// zlib had no memory.
    case noMemory
}

/// zlib's inflater for one gzip stream of one or more members.
///
/// Used by one task at a time.
final class GzipInflater {
    private static let outputBytes = 64 << 10

    private let limits: InflationLimits
    private var stream = z_stream()
    private var isOpen = false
    private var isAtMemberEnd = false
    private var input = ByteBuffer()
    /// Whether the last output buffer was filled, so that zlib may hold more.
    private var mayHoldOutput = false
    private var totalIn: Int64 = 0
    private var totalOut: Int64 = 0

    init(limits: InflationLimits) {
        self.limits = limits
    }

    deinit {
        if isOpen { inflateEnd(&stream) }
    }

    /// Gives compressed bytes; only after `next` has answered nil.
    func feed(_ bytes: ByteBuffer) {
        totalIn += Int64(bytes.readableBytes)
        input = bytes
    }

    /// The next inflated bytes; nil when more input is needed.
    func next() throws(BodyError) -> ByteBuffer? {
        while input.readableBytes > 0 || mayHoldOutput {
            try prepare()
            let output = try inflateOnce()
            if output.readableBytes > 0 { return output }
        }
        return nil
    }

    /// Checks that the input ended where a member does.
    func finish() throws(BodyError) {
        guard isAtMemberEnd || totalIn == 0 else { throw .notGzip }
    }

    /// Opens the stream, or begins the next member of a file of several.
    private func prepare() throws(BodyError) {
        if !isOpen {
            // 15 bits of window, plus 16: gzip and nothing else.
            guard granary_inflate_init(&stream, 15 + 16) == Z_OK else { throw .noMemory }
            isOpen = true
        } else if isAtMemberEnd {
            mayHoldOutput = false
            guard inflateReset(&stream) == Z_OK else { throw .notGzip }
        }
        isAtMemberEnd = false
    }

    private func inflateOnce() throws(BodyError) -> ByteBuffer {
        var output = ByteBufferAllocator().buffer(capacity: Self.outputBytes)
        var code = Z_OK
        var consumed = 0
        input.withUnsafeReadableBytes { source in
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.outputBytes) { target in
                let room = Swift.min(target.count, Self.outputBytes)
                let count = Swift.min(source.count, Int(UInt32.max))
                // zlib takes a mutable pointer and only reads through it.
                let start = source.bindMemory(to: UInt8.self).baseAddress
                stream.next_in = UnsafeMutablePointer(mutating: start)
                stream.avail_in = UInt32(count)
                stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(room)
                code = inflate(&stream, Z_NO_FLUSH)
                consumed = count - Int(stream.avail_in)
                mayHoldOutput = stream.avail_out == 0 && code != Z_STREAM_END
                return room - Int(stream.avail_out)
            }
        }
        input.moveReaderIndex(forwardBy: consumed)
        try check(code, produced: output.readableBytes)
        return output
    }

    private func check(_ code: CInt, produced: Int) throws(BodyError) {
        totalOut += Int64(produced)
        guard totalOut <= limits.bytes else { throw .tooLarge(limit: limits.bytes) }
        guard totalOut <= limits.freeBytes || totalOut / limits.ratio <= totalIn else { throw .expandsTooMuch }
        switch code {
        case Z_STREAM_END: isAtMemberEnd = true
        case Z_OK: break
        // Nothing to do: all input is taken and zlib held no output after all.
        case Z_BUF_ERROR where input.readableBytes == 0: break
        case Z_MEM_ERROR: throw .noMemory
        default: throw .notGzip
        }
    }
}
