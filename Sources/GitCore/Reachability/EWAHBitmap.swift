/// A compressed bitmap as git stores it: runs of equal words, and words as they are.
///
/// Reading looks at a slice of a mapped file and copies nothing; the caller keeps the file mapped.
///
/// - Source: gitformat-bitmap(5) "Appendix A: Serialization format for an EWAH bitmap".
package struct EWAHBitmap {
    /// Bytes of the whole serialization.
    package let byteCount: Int
    /// The compressed words, 8 bytes each, big-endian.
    private let words: UnsafeRawBufferPointer

    /// Bytes beside the words: bit count, word count, position of the last marker.
    private static let fixedBytes = 12

    /// Finds the bitmap that starts at `offset`.
    ///
    /// - Throws: `malformed` when the bytes end before the bitmap does. What the words say is checked when they are read.
    package init(in bytes: UnsafeRawBufferPointer, at offset: Int) throws(ReachabilityError) {
        guard offset >= 0, offset <= bytes.count, bytes.count - offset >= Self.fixedBytes else {
            throw .malformed("bitmap is cut off")
        }
        let count = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)))
        guard count <= (bytes.count - offset - Self.fixedBytes) / 8 else { throw .malformed("bitmap is cut off") }
        words = UnsafeRawBufferPointer(rebasing: bytes[(offset + 8)..<(offset + 8 + 8 * count)])
        byteCount = Self.fixedBytes + 8 * count
    }

    /// Changes membership in `set` of each number that is in the bitmap.
    ///
    /// On an empty set this decodes; on another it undoes the exclusive-or with which bitmaps are stored.
    /// - Throws: `malformed` for words that contradict each other and for numbers beyond the set's bound.
    package func toggle(in set: inout Bitset) throws(ReachabilityError) {
        var position = 0
        var target = 0
        while position < words.count {
            let marker = word(at: position)
            position += 8
            // One bit of run value, 32 of run length, 31 of literal count: none can overflow an Int.
            let run = Int(marker >> 1 & 0xffff_ffff)
            let literals = Int(marker >> 33)
            if marker & 1 != 0 {
                guard run <= set.words.count - target else { throw .malformed("bitmap is longer than its pack") }
                for index in target..<(target + run) { try toggle(.max, index, in: &set) }
            }
            target += run
            guard literals <= (words.count - position) / 8 else { throw .malformed("bitmap is cut off") }
            for index in 0..<literals {
                try toggle(word(at: position + 8 * index), target + index, in: &set)
            }
            target += literals
            position += 8 * literals
        }
    }

    private func toggle(_ bits: UInt64, _ index: Int, in set: inout Bitset) throws(ReachabilityError) {
        var bits = bits
        // A run of ones may cover the last, partial word whole.
        if bits == .max, index == set.words.count - 1, set.bound & 63 != 0 {
            bits = (1 << UInt64(set.bound & 63)) - 1
        }
        guard set.toggle(bits, inWord: index) else { throw .malformed("bitmap is longer than its pack") }
    }

    private func word(at position: Int) -> UInt64 {
        UInt64(bigEndian: words.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
}

extension EWAHBitmap {
    private static let longestRun: UInt64 = 0xffff_ffff
    private static let mostLiterals = 0x7fff_ffff

    /// The serialization of a set.
    package static func encode(_ set: Bitset) -> [UInt8] {
        var output: [UInt64] = []
        var lastMarker = 0
        var index = 0
        repeat {
            lastMarker = output.count
            index = appendGroup(of: set.words, from: index, to: &output)
        } while index < set.words.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fixedBytes + 8 * output.count)
        bytes.append(bigEndian: UInt32(clamping: set.bound))
        bytes.append(bigEndian: UInt32(clamping: output.count))
        for word in output { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
        bytes.append(bigEndian: UInt32(clamping: lastMarker))
        return bytes
    }

    /// Appends a marker, which stands for a run of equal words, and the other words behind the run; where they end.
    private static func appendGroup(of words: [UInt64], from start: Int, to output: inout [UInt64]) -> Int {
        var index = start
        let value: UInt64 = index < words.count && words[index] == .max ? .max : 0
        while index < words.count, words[index] == value, UInt64(index - start) < longestRun { index += 1 }
        let run = UInt64(index - start)
        let firstLiteral = index
        while index < words.count, words[index] != 0, words[index] != .max, index - firstLiteral < mostLiterals {
            index += 1
        }
        let literals = UInt64(index - firstLiteral)
        output.append(literals << 33 | run << 1 | (value & 1))
        output.append(contentsOf: words[firstLiteral..<index])
        return index
    }
}

extension [UInt8] {
    /// Appends a number as git's files have it.
    mutating func append(bigEndian word: UInt32) {
        append(contentsOf: Swift.withUnsafeBytes(of: word.bigEndian, Array.init))
    }

    /// Appends a number as git's files have it.
    mutating func append(bigEndian word: UInt64) {
        append(contentsOf: Swift.withUnsafeBytes(of: word.bigEndian, Array.init))
    }
}
