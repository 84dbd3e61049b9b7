/// Finds where the content of a file is cut into chunks.
///
/// A cut depends on the 64 bytes before it and on the cut before, not on how the file is fed.
/// - Source: Xet protocol specification, "Content-defined chunking".
package struct Chunker: Sendable {
    /// No chunk but the last of a file is shorter.
    package static let minimumLength = 8192
    /// No chunk is longer.
    package static let maximumLength = 131_072

    /// The rolling value is shifted by one bit for each byte, so it forgets what lies further back.
    private static let window = 64
    /// A cut is where the upper 16 bits are zero, that is, where the rolling value is below this.
    private static let bound: UInt64 = 1 << 48

    private var rolling: UInt64 = 0

    /// Bytes taken in since the last cut.
    package private(set) var length = 0

    /// Starts at the beginning of a file.
    package init() {}

    /// Takes in bytes up to the next cut.
    ///
    /// To be called again with the bytes behind the cut. What is left when the file ends is the last chunk.
    /// - Returns: how many bytes lie before the cut, at least one; nil when all are taken in and there is no cut.
    package mutating func advance(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        var position = min(bytes.count, max(0, Chunker.minimumLength - Chunker.window - length))
        let last = min(bytes.count, Chunker.maximumLength - length)
        // Bytes of the window before the shortest chunk ends: they count, and no cut can follow them.
        let silent = max(position, min(bytes.count, Chunker.minimumLength - 1 - length))
        let isCut = GearTable.values.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return false }
            Chunker.roll(&rolling, over: base, from: &position, to: silent, table)
            return Chunker.find(&rolling, in: base, from: &position, to: last, table)
        }
        length += position
        guard isCut || length == Chunker.maximumLength else { return nil }
        self = Chunker()
        return position
    }

    private static func roll(
        _ rolling: inout UInt64,
        over bytes: UnsafePointer<UInt8>,
        from position: inout Int,
        to end: Int,
        _ table: UnsafePointer<UInt64>
    ) {
        while position < end {
            rolling = rolling << 1 &+ table[Int(bytes[position])]
            position &+= 1
        }
    }

    /// Stops behind the first byte with a cut after it, and tells whether there is one: the hot loop.
    private static func find(
        _ rolling: inout UInt64,
        in bytes: UnsafePointer<UInt8>,
        from position: inout Int,
        to end: Int,
        _ table: UnsafePointer<UInt64>
    ) -> Bool {
        var value = rolling
        var index = position
        defer { (rolling, position) = (value, index) }
        // Four bytes in a turn: the smallest of the four values tells whether a cut is among them.
        while index &+ 4 <= end {
            let first = value << 1 &+ table[Int(bytes[index])]
            let second = first << 1 &+ table[Int(bytes[index &+ 1])]
            let third = second << 1 &+ table[Int(bytes[index &+ 2])]
            let fourth = third << 1 &+ table[Int(bytes[index &+ 3])]
            if first < bound || second < bound || third < bound || fourth < bound { break }
            value = fourth
            index &+= 4
        }
        while index < end {
            value = value << 1 &+ table[Int(bytes[index])]
            index &+= 1
            if value < bound { return true }
        }
        return false
    }
}
