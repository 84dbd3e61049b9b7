/// A set of numbers below a bound, one bit each: objects of a pack by their rank.
///
/// Numbers outside the bound are in no set, and putting one in does nothing.
package struct Bitset: Sendable, Equatable {
    /// Bit `i % 64` of word `i / 64` says whether `i` is in the set; bits at and beyond `bound` are zero.
    package private(set) var words: [UInt64]
    /// All members are below it.
    package let bound: Int

    /// The empty set.
    package init(bound: Int) {
        self.bound = max(0, bound)
        words = [UInt64](repeating: 0, count: (self.bound + 63) / 64)
    }

    /// All numbers below `bound`.
    package init(fullBelow bound: Int) {
        self.bound = max(0, bound)
        words = [UInt64](repeating: .max, count: (self.bound + 63) / 64)
        clearTail()
    }

    /// Whether `number` is in the set.
    package func contains(_ number: Int) -> Bool {
        guard number >= 0, number < bound else { return false }
        return words[number >> 6] & (1 << UInt64(number & 63)) != 0
    }

    /// Puts a number in; false when it was there or is out of bounds.
    @discardableResult
    package mutating func insert(_ number: Int) -> Bool {
        guard number >= 0, number < bound else { return false }
        let bit: UInt64 = 1 << UInt64(number & 63)
        guard words[number >> 6] & bit == 0 else { return false }
        words[number >> 6] |= bit
        return true
    }

    /// Takes a number out.
    package mutating func remove(_ number: Int) {
        guard number >= 0, number < bound else { return }
        words[number >> 6] &= ~(1 << UInt64(number & 63))
    }

    /// How many numbers are in the set.
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// True when no number is in the set.
    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// Adds the members of `other`, whose bound should be the same.
    package mutating func formUnion(_ other: Bitset) { combine(other, |) }

    /// Takes out the members of `other`.
    package mutating func subtract(_ other: Bitset) { combine(other) { $0 & ~$1 } }

    /// Keeps the members that are in `other` too.
    package mutating func formIntersection(_ other: Bitset) {
        combine(other, &)
        for index in words.indices.dropFirst(other.words.count) { words[index] = 0 }
    }

    /// Keeps what is in one of the sets, not in both.
    package mutating func formSymmetricDifference(_ other: Bitset) { combine(other, ^) }

    /// Changes one word, numbered from 0; false when there is no such word or it would hold bits beyond the bound.
    mutating func toggle(_ bits: UInt64, inWord index: Int) -> Bool {
        guard index >= 0, index < words.count else { return bits == 0 }
        words[index] ^= bits
        return index != words.count - 1 || words[index] & ~tailMask == 0
    }

    private mutating func combine(_ other: Bitset, _ operation: (UInt64, UInt64) -> UInt64) {
        for index in 0..<min(words.count, other.words.count) {
            words[index] = operation(words[index], other.words[index])
        }
        clearTail()
    }

    private var tailMask: UInt64 {
        bound & 63 == 0 ? .max : (1 << UInt64(bound & 63)) - 1
    }

    private mutating func clearTail() {
        guard let last = words.indices.last else { return }
        words[last] &= tailMask
    }
}

extension Bitset {
    /// Calls `body` with each member, ascending.
    package func forEach(_ body: (Int) throws -> Void) rethrows {
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                try body(index << 6 | rest.trailingZeroBitCount)
                rest &= rest &- 1
            }
        }
    }

    /// The first member that is not below `start`; nil when there is none.
    package func first(from start: Int) -> Int? {
        scan(from: start, flipping: 0)
    }

    /// The first number from `start` on that is below the bound and no member; nil when there is none.
    package func firstGap(from start: Int) -> Int? {
        scan(from: start, flipping: .max)
    }

    private func scan(from start: Int, flipping mask: UInt64) -> Int? {
        let start = max(0, start)
        guard start < bound else { return nil }
        var index = start >> 6
        var word = (words[index] ^ mask) & (.max << UInt64(start & 63))
        while word == 0 {
            index += 1
            guard index < words.count else { return nil }
            word = words[index] ^ mask
        }
        let found = index << 6 | word.trailingZeroBitCount
        return found < bound ? found : nil
    }
}
