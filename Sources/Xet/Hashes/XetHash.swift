/// A hash of the Xet protocol: 32 bytes that name a chunk, a xorb, a file or the chunks of a term.
///
/// The bytes are kept as the protocol reads them, as four little-endian numbers; the text form prints those.
/// - Source: Xet protocol specification, "Hash to string".
package struct XetHash: Hashable, Sendable {
    // Not one vector of four: it would be aligned to 32 bytes, and frames of asynchronous functions only are to 16, which
    // tears down their stacks in the wrong order.
    private let low: SIMD2<UInt64>
    private let high: SIMD2<UInt64>

    /// Bytes 0–7, 8–15, 16–23 and 24–31 as little-endian numbers.
    package var words: SIMD4<UInt64> { SIMD4(lowHalf: low, highHalf: high) }

    /// A hash of these four little-endian numbers.
    package init(words: SIMD4<UInt64>) {
        (low, high) = (words.lowHalf, words.highHalf)
    }

    /// Reads the raw form.
    ///
    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(raw bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count == XetHash.byteCount else { return nil }
        self.init(loading: base)
    }

    /// Reads the raw form.
    ///
    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(raw bytes: [UInt8]) {
        guard let hash = bytes.withUnsafeBytes({ XetHash(raw: $0) }) else { return nil }
        self = hash
    }

    /// The hash in the 32 bytes from `pointer` on, which may lie anywhere.
    init(loading pointer: UnsafeRawPointer) {
        let words = pointer.loadUnaligned(as: SIMD4<UInt64>.self)
        self.init(
            words: SIMD4(
                UInt64(littleEndian: words[0]),
                UInt64(littleEndian: words[1]),
                UInt64(littleEndian: words[2]),
                UInt64(littleEndian: words[3])
            )
        )
    }

    /// The hash of no chunks: of the empty file, and the key of file hashes.
    package static let zero = XetHash(words: .zero)

    /// Bytes in the raw form.
    package static let byteCount = 32

    /// The 32 bytes.
    package var raw: [UInt8] {
        Array(unsafeUninitializedCapacity: XetHash.byteCount) { bytes, count in
            if let base = bytes.baseAddress { store(to: UnsafeMutableRawPointer(base)) }
            count = XetHash.byteCount
        }
    }

    /// Writes the 32 bytes to `pointer`, which may lie anywhere.
    func store(to pointer: UnsafeMutableRawPointer) {
        for index in 0..<4 {
            pointer.storeBytes(of: words[index].littleEndian, toByteOffset: 8 * index, as: UInt64.self)
        }
    }

    /// The last 8 bytes as a little-endian number, by which the protocol samples hashes.
    package var sample: UInt64 { words[3] }

    /// Whether clients ask for a chunk with this hash even if it is not the first of a file.
    ///
    /// - Source: Xet protocol specification, "Global deduplication".
    package var isDedupCandidate: Bool { sample % 1024 == 0 }
}

extension XetHash: Comparable {
    /// The order of the text forms.
    package static func < (left: XetHash, right: XetHash) -> Bool {
        for index in 0..<4 where left.words[index] != right.words[index] {
            return left.words[index] < right.words[index]
        }
        return false
    }
}
