/// Why a delta is refused.
package enum DeltaError: Error, Sendable, Equatable {
    /// The delta ends inside its header or an instruction.
    case truncated
    /// A size in the header means more than 63 bits.
    case sizeOverflow
    /// The delta was made against a base of another size.
    case baseSizeMismatch(declared: UInt64, actual: Int)
    /// The result would be larger than the caller allows.
    case targetTooLarge(UInt64)
    /// Instruction 0, which git reserves.
    case reservedInstruction
    /// A copy from outside the base.
    case copyOutOfRange
    /// More result than the header declares.
    case targetOverrun
    /// Less result than the header declares.
    case targetUnderrun

    /// One line for the client.
    package var message: String {
        switch self {
        case .truncated: "delta is truncated"
        case .sizeOverflow: "delta with an impossible size"
        case .baseSizeMismatch: "delta does not fit its base"
        case .targetTooLarge(let size): "delta makes an object of \(size) bytes, more than this server accepts"
        case .reservedInstruction: "delta with a reserved instruction"
        case .copyOutOfRange: "delta copies from outside its base"
        case .targetOverrun: "delta makes more than it declares"
        case .targetUnderrun: "delta makes less than it declares"
        }
    }
}

/// The two sizes in front of every delta.
package struct DeltaHeader: Equatable, Sendable {
    /// Bytes of the base, at most `Int64.max`.
    package var sourceSize: UInt64
    /// Bytes of the result, at most `Int64.max`.
    package var targetSize: UInt64
    /// Bytes of the header; instructions follow.
    package var byteCount: Int

    /// Reads the header at the front of a delta.
    ///
    /// - Throws: `truncated` when `delta` ends inside, `sizeOverflow`.
    package init(parsing delta: UnsafeRawBufferPointer) throws(DeltaError) {
        var position = 0
        sourceSize = try Self.readSize(delta, &position)
        targetSize = try Self.readSize(delta, &position)
        byteCount = position
    }

    private static func readSize(_ delta: UnsafeRawBufferPointer, _ position: inout Int) throws(DeltaError) -> UInt64 {
        var size = VariableSize()
        while position < delta.count {
            let byte = delta[position]
            position += 1
            if let value = try size.append(byte) { return value }
        }
        throw .truncated
    }
}

/// A little-endian number of seven bits a byte, read byte by byte.
struct VariableSize {
    private var value: UInt64 = 0
    private var shift: UInt64 = 0

    /// Takes the next byte; answers the number when it was the last.
    mutating func append(_ byte: UInt8) throws(DeltaError) -> UInt64? {
        // Nine groups of seven are 63 bits; a tenth byte may only hold zeros, and git writes none.
        guard shift < 63 else { throw .sizeOverflow }
        value |= UInt64(byte & 0x7f) << shift
        shift += 7
        return byte & 0x80 == 0 ? value : nil
    }
}

/// Application of git's deltas to bases that are in memory.
///
/// - Source: gitformat-pack(5) "Deltified representation".
package enum Delta {
    /// The result of a delta.
    ///
    /// - Parameter limit: the largest result, in bytes, that the caller is ready to hold.
    /// - Throws: what `DeltaError` says. Nothing is allocated before the sizes are checked.
    package static func apply(
        _ delta: UnsafeRawBufferPointer,
        to base: UnsafeRawBufferPointer,
        limit: Int
    ) throws(DeltaError) -> [UInt8] {
        let header = try DeltaHeader(parsing: delta)
        guard header.targetSize <= UInt64(max(0, limit)) else { throw .targetTooLarge(header.targetSize) }
        // The initializer takes no typed errors, so the error leaves by a variable.
        var failure: DeltaError?
        let target = [UInt8](unsafeUninitializedCapacity: Int(header.targetSize)) { buffer, count in
            do throws(DeltaError) {
                let room = UnsafeMutableRawBufferPointer(
                    start: buffer.baseAddress,
                    count: Int(header.targetSize)
                )
                try apply(delta, header, to: base, into: room)
                count = Int(header.targetSize)
            } catch {
                failure = error
                count = 0
            }
        }
        if let failure { throw failure }
        return target
    }

    /// Writes the result of a delta into `target`, whose size must be the declared one.
    ///
    /// After an error the contents of `target` are undefined. Base and target must not overlap.
    package static func apply(
        _ delta: UnsafeRawBufferPointer,
        _ header: DeltaHeader,
        to base: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) throws(DeltaError) {
        guard header.sourceSize == UInt64(base.count) else {
            throw .baseSizeMismatch(declared: header.sourceSize, actual: base.count)
        }
        guard header.targetSize == UInt64(target.count) else { throw .targetUnderrun }
        var position = header.byteCount
        var written = 0
        while position < delta.count {
            let instruction = delta[position]
            position += 1
            let source: UnsafeRawBufferPointer
            if instruction & 0x80 != 0 {
                let range = try copyRange(instruction, delta, &position)
                // Both are below 2^32 and `base.count` is an Int: no sum can overflow.
                guard range.offset <= base.count, range.size <= base.count - range.offset else { throw .copyOutOfRange }
                source = UnsafeRawBufferPointer(rebasing: base[range.offset..<range.offset + range.size])
            } else {
                let count = Int(instruction)
                guard count > 0 else { throw .reservedInstruction }
                guard count <= delta.count - position else { throw .truncated }
                source = UnsafeRawBufferPointer(rebasing: delta[position..<position + count])
                position += count
            }
            guard source.count <= target.count - written else { throw .targetOverrun }
            UnsafeMutableRawBufferPointer(rebasing: target[written..<written + source.count]).copyMemory(from: source)
            written += source.count
        }
        guard written == target.count else { throw .targetUnderrun }
    }

    /// Reads the operands of a copy instruction.
    @inline(__always)
    private static func copyRange(
        _ instruction: UInt8,
        _ delta: UnsafeRawBufferPointer,
        _ position: inout Int
    ) throws(DeltaError) -> (offset: Int, size: Int) {
        guard (instruction & 0x7f).nonzeroBitCount <= delta.count - position else { throw .truncated }
        var offset = 0
        var size = 0
        for bit in 0..<4 where instruction & 1 << bit != 0 {
            offset |= Int(delta[position]) << (8 * bit)
            position += 1
        }
        for bit in 0..<3 where instruction & 0x10 << bit != 0 {
            size |= Int(delta[position]) << (8 * bit)
            position += 1
        }
        return (offset, size == 0 ? 0x10000 : size)
    }
}
