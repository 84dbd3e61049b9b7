import CZlib

/// A zlib stream that arrives in pieces; output is handed on in pieces, so memory does not depend on its size.
///
/// Belongs to one thread at a time.
package final class StreamInflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer

    /// Bytes of one piece of output.
    private static let pieceBytes = 64 << 10

    /// - Throws: `PackError.malformed` when memory is out.
    package init() throws(PackError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: Self.pieceBytes, alignment: 16)
        guard granary_inflate_init(stream, 15) == Z_OK else {
            stream.deallocate()
            output.deallocate()
            throw .malformed("out of memory")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// Begins a new stream.
    package func reset() {
        inflateReset(stream)
    }

    /// Consumes input until it is used up or the stream ends.
    ///
    /// - Parameter emit: takes inflated bytes, valid during the call; may throw to stop.
    /// - Returns: how many input bytes were used, and whether the stream is complete with a right checksum.
    /// - Throws: `PackError.malformed` when the stream is damaged, and what `emit` throws.
    package func inflate(
        _ input: UnsafeRawBufferPointer,
        emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> (inputCount: Int, isComplete: Bool) {
        let bounded = min(input.count, Int(UInt32.max))
        // zlib's interface lacks const; it does not write to its input.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(bounded)
        while true {
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            let result = CZlib.inflate(stream, Z_NO_FLUSH)
            let produced = output.count - Int(stream.pointee.avail_out)
            if produced > 0 { try emit(UnsafeRawBufferPointer(rebasing: output[..<produced])) }
            switch result {
            case Z_STREAM_END:
                return (bounded - Int(stream.pointee.avail_in), true)
            case Z_OK, Z_BUF_ERROR:
                if stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0 { return (bounded, false) }
            default:
                throw PackError.malformed("damaged zlib stream")
            }
        }
    }
}

/// Compresses what streams through; used for large objects that cannot be copied as they are stored.
package final class StreamDeflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer

    private static let pieceBytes = 64 << 10

    /// - Parameter windowBits: zlib's: 15 for a zlib stream, 31 for gzip, -15 for neither header nor checksum.
    /// - Throws: `PackError.malformed` when memory is out.
    package init(level: Int32, windowBits: Int32 = 15) throws(PackError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: Self.pieceBytes, alignment: 16)
        guard granary_deflate_init(stream, level, windowBits) == Z_OK else {
            stream.deallocate()
            output.deallocate()
            throw .malformed("out of memory")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// Takes input and hands compressed bytes on; `isLast` ends the stream.
    package func deflate(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = input
        repeat {
            let count = min(rest.count, 1 << 30)
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            stream.pointee.avail_in = UInt32(count)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            let flush = isLast && rest.isEmpty ? Z_FINISH : Z_NO_FLUSH
            repeat {
                stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(output.count)
                _ = CZlib.deflate(stream, flush)
                let produced = output.count - Int(stream.pointee.avail_out)
                if produced > 0 { try emit(UnsafeRawBufferPointer(rebasing: output[..<produced])) }
            } while stream.pointee.avail_out == 0
        } while !rest.isEmpty
    }
}
