/// One step of making an object out of its base.
package enum DeltaInstruction {
    /// The sizes; always the first instruction.
    case header(sourceSize: UInt64, targetSize: UInt64)
    /// Append this range of the base, which lies inside the declared source size.
    case copy(offset: UInt64, size: Int)
    /// Append these bytes, a slice of what was fed: valid only during the call. Long inserts come in pieces.
    case insert(UnsafeRawBufferPointer)
}

/// Reads a delta that comes in pieces, for objects too large to hold.
///
/// Checks everything that `Delta.apply` checks except that the base has the declared source size: compare that
/// at the `header` instruction. Holds no bytes of the delta.
package struct DeltaParser {
    private enum State {
        case sourceSize(VariableSize)
        case targetSize(VariableSize)
        case instruction
        case operands(Operands)
        case literals(left: Int)
    }

    /// A copy instruction whose operand bytes are still coming.
    private struct Operands {
        /// The flags whose bytes are still due, bits 0 through 6.
        var due: UInt8
        var offset: UInt64 = 0
        var size = 0

        mutating func append(_ byte: UInt8) {
            let bit = due.trailingZeroBitCount
            due &= due - 1
            if bit < 4 {
                offset |= UInt64(byte) << (8 * UInt64(bit))
            } else {
                size |= Int(byte) << (8 * (bit - 4))
            }
        }
    }

    private var state = State.sourceSize(VariableSize())
    private let limit: UInt64
    private var sourceSize: UInt64 = 0
    private var targetSize: UInt64 = 0
    private var written: UInt64 = 0

    /// Starts a delta whose result may have at most `limit` bytes.
    package init(limit: Int64) {
        self.limit = UInt64(max(0, limit))
    }

    /// Takes the next bytes of the inflated delta and hands the instructions they complete to `emit`, in order.
    ///
    /// - Throws: `DeltaError`, or what `emit` throws; the parser is useless afterwards.
    package mutating func parse(_ chunk: UnsafeRawBufferPointer, _ emit: (DeltaInstruction) throws -> Void) throws {
        var position = 0
        while position < chunk.count {
            if case .literals(let left) = state {
                let count = min(left, chunk.count - position)
                try emit(.insert(UnsafeRawBufferPointer(rebasing: chunk[position..<position + count])))
                position += count
                state = left > count ? .literals(left: left - count) : .instruction
                continue
            }
            try take(chunk[position], emit)
            position += 1
        }
    }

    /// Says that the delta is over.
    ///
    /// - Throws: `truncated` inside header or instruction, `targetUnderrun` when something is missing.
    package func finish() throws(DeltaError) {
        guard case .instruction = state else { throw .truncated }
        guard written == targetSize else { throw .targetUnderrun }
    }

    private mutating func take(_ byte: UInt8, _ emit: (DeltaInstruction) throws -> Void) throws {
        switch state {
        case .sourceSize(var size):
            guard let value = try size.append(byte) else { return state = .sourceSize(size) }
            sourceSize = value
            state = .targetSize(VariableSize())
        case .targetSize(var size):
            guard let value = try size.append(byte) else { return state = .targetSize(size) }
            guard value <= limit else { throw DeltaError.targetTooLarge(value) }
            targetSize = value
            state = .instruction
            try emit(.header(sourceSize: sourceSize, targetSize: targetSize))
        case .instruction:
            try start(byte, emit)
        case .operands(var operands):
            operands.append(byte)
            guard operands.due == 0 else { return state = .operands(operands) }
            try finishCopy(operands, emit)
        case .literals:
            break  // `parse` takes these by the run.
        }
    }

    private mutating func start(_ byte: UInt8, _ emit: (DeltaInstruction) throws -> Void) throws {
        guard byte & 0x80 != 0 else {
            guard byte != 0 else { throw DeltaError.reservedInstruction }
            try account(for: Int(byte))
            return state = .literals(left: Int(byte))
        }
        let operands = Operands(due: byte & 0x7f)
        guard operands.due == 0 else { return state = .operands(operands) }
        try finishCopy(operands, emit)
    }

    private mutating func finishCopy(_ operands: Operands, _ emit: (DeltaInstruction) throws -> Void) throws {
        let size = operands.size == 0 ? 0x10000 : operands.size
        guard operands.offset <= sourceSize, UInt64(size) <= sourceSize - operands.offset else {
            throw DeltaError.copyOutOfRange
        }
        try account(for: size)
        state = .instruction
        try emit(.copy(offset: operands.offset, size: size))
    }

    private mutating func account(for size: Int) throws(DeltaError) {
        guard UInt64(size) <= targetSize - written else { throw .targetOverrun }
        written += UInt64(size)
    }
}
