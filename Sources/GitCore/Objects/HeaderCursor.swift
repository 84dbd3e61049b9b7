import Glibc

/// Reads the header lines of commits and tags from the front.
///
/// Never reads outside its bytes.
struct HeaderCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    /// Starts at `position`, which lies inside `bytes` or at their end.
    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Whether nothing is left.
    var isAtEnd: Bool { position >= bytes.count }

    /// The next byte, without moving; nil at the end.
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Moves behind `word` and answers true, if it comes next.
    mutating func skip(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length, let base = bytes.baseAddress else { return false }
        guard memcmp(base + position, word.utf8Start, length) == 0 else { return false }
        position += length
        return true
    }

    /// Moves behind `byte` and answers true, if it comes next.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    /// Reads 40 hexadecimal digits and the end of the line; nil, and unmoved, for anything else.
    mutating func objectIDLine() -> ObjectID? {
        let length = 2 * ObjectID.byteCount
        guard bytes.count - position > length, bytes[position + length] == UInt8(ascii: "\n") else { return nil }
        let digits = UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])
        guard let oid = ObjectID(hex: digits) else { return nil }
        position += length + 1
        return oid
    }

    /// Reads up to the end of the line and moves behind it; nil, and unmoved, when the line has no end.
    mutating func line() -> UnsafeRawBufferPointer? {
        guard let base = bytes.baseAddress, position < bytes.count,
            let end = memchr(base + position, 0x0a, bytes.count - position)
        else { return nil }
        let endPosition = UnsafeRawPointer(end) - base
        let line = UnsafeRawBufferPointer(rebasing: bytes[position..<endPosition])
        position = endPosition + 1
        return line
    }

    /// Moves to the first of three bytes, or to the end.
    mutating func advance(toAnyOf first: UInt8, _ second: UInt8, _ third: UInt8) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == first || byte == second || byte == third { return }
            position += 1
        }
    }

    /// The byte `distance` (1 or more) before the position; nil before the start.
    func byte(before distance: Int) -> UInt8? {
        position >= distance ? bytes[position - distance] : nil
    }

    /// Reads decimal digits; nil and `overflow` false when there is none, nil and true beyond `Int64.max`.
    mutating func decimal() -> (value: Int64?, overflow: Bool) {
        var value: Int64 = 0
        let start = position
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            let (tens, lost) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            if lost || carried { return (nil, true) }
            value = sum
            position += 1
        }
        return (position > start ? value : nil, false)
    }
}
