import Glibc

/// The reverse index: entries in the order of their offsets, mapped from `.rev` or computed when there is none.
///
/// - Source: gitformat-pack(5) "pack-*.rev files have the format".
package final class PackOrder: Sendable {
    private enum Storage {
        case mapped(UnsafeRawBufferPointer)
        case computed([UInt32])
    }

    // A mapped file never changes: packs are immutable.
    nonisolated(unsafe) private let storage: Storage
    private let index: PackIndex
    /// Where the last entry ends and the trailer begins.
    package let entriesEnd: Int64

    private static let headerBytes = 12

    /// Maps `path`, or sorts the index's offsets when the file is missing or does not fit the index.
    ///
    /// - Parameter entriesEnd: offset of the pack's trailer, where the last entry ends.
    package init(path: String, index: PackIndex, entriesEnd: Int64) {
        self.index = index
        self.entriesEnd = entriesEnd
        let expected = Self.headerBytes + 4 * index.count + 2 * ObjectID.byteCount
        if let bytes = try? OpenFile(reading: path).map() {
            if bytes.count == expected,
                bytes.loadUnaligned(as: UInt32.self).bigEndian == 0x5249_4458,
                ObjectID(in: bytes, at: expected - 2 * ObjectID.byteCount) == index.packChecksum
            {
                storage = .mapped(bytes)
                return
            }
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        }
        var order = (0..<UInt32(clamping: index.count)).map { (offset: index.offset(at: Int($0)), position: $0) }
        order.sort { $0.offset < $1.offset }
        storage = .computed(order.map(\.position))
    }

    deinit {
        if case .mapped(let bytes) = storage {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        }
    }

    /// The position in id order of the `rank`-th entry of the pack, rank in `0 ..< count`.
    package func position(atRank rank: Int) -> Int {
        let position: UInt32
        switch storage {
        case .mapped(let bytes):
            position = bytes.loadUnaligned(fromByteOffset: Self.headerBytes + 4 * rank, as: UInt32.self).bigEndian
        case .computed(let order):
            position = order[rank]
        }
        return min(Int(position), index.count - 1)
    }

    /// Where the `rank`-th entry starts.
    package func offset(ofRank rank: Int) -> Int64 { index.offset(at: position(atRank: rank)) }

    /// Ranks by position in id order, 4 bytes each; for whoever asks for most of them.
    package func ranks() -> [UInt32] {
        var ranks = [UInt32](repeating: 0, count: index.count)
        for rank in 0..<index.count { ranks[position(atRank: rank)] = UInt32(truncatingIfNeeded: rank) }
        return ranks
    }

    /// Which entry of the pack starts at `offset`; nil when none does.
    package func rank(ofOffset offset: Int64) -> Int? {
        var low = 0
        var high = index.count
        while low < high {
            let middle = (low + high) / 2
            let candidate = index.offset(at: position(atRank: middle))
            if candidate == offset { return middle }
            if candidate < offset { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Where the `rank`-th entry ends: the next entry's offset, or the trailer's.
    package func end(ofRank rank: Int) -> Int64 {
        rank + 1 < index.count ? index.offset(at: position(atRank: rank + 1)) : entriesEnd
    }
}
