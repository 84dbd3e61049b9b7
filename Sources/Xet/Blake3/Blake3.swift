/// BLAKE3, plain or keyed, with results of 32 bytes.
///
/// - Source: BLAKE3 paper, "BLAKE3: one function, fast everywhere".
package struct Blake3: Sendable {
    private let tree: Blake3Tree

    /// BLAKE3 without a key.
    package static let plain = Blake3(
        tree: Blake3Tree(
            key: SIMD8(
                0x6a09_e667,
                0xbb67_ae85,
                0x3c6e_f372,
                0xa54f_f53a,
                0x510e_527f,
                0x9b05_688c,
                0x1f83_d9ab,
                0x5be0_cd19
            ),
            mode: 0
        )
    )

    /// BLAKE3 keyed with the raw form of `key`.
    package init(key: XetHash) {
        tree = Blake3Tree(key: SIMD8(loading: key), mode: Blake3Tree.keyed)
    }

    private init(tree: Blake3Tree) {
        self.tree = tree
    }

    /// The hash of bytes that are all there; allocates nothing.
    package func hash(_ bytes: UnsafeRawBufferPointer) -> XetHash {
        XetHash(tree.value(of: bytes, start: 0, isRoot: true))
    }

    /// The hash of bytes that are all there.
    package func hash(_ bytes: [UInt8]) -> XetHash {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The hash of the raw form of another hash; allocates nothing.
    package func hash(_ hash: XetHash) -> XetHash {
        withUnsafeTemporaryAllocation(byteCount: XetHash.byteCount, alignment: 8) { bytes in
            if let base = bytes.baseAddress { hash.store(to: base) }
            return self.hash(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Starts hashing bytes that come in pieces.
    package func stream() -> Blake3Stream { Blake3Stream(tree) }
}

extension XetHash {
    /// The hash whose raw form is these eight little-endian numbers.
    init(_ value: SIMD8<UInt32>) {
        let (low, high) = (SIMD4<UInt64>(truncatingIfNeeded: value.evenHalf), value.oddHalf)
        self.init(words: low | SIMD4<UInt64>(truncatingIfNeeded: high) &<< 32)
    }
}

extension SIMD8<UInt32> {
    /// The raw form of a hash as eight little-endian numbers.
    fileprivate init(loading hash: XetHash) {
        self.init()
        evenHalf = SIMD4(truncatingIfNeeded: hash.words)
        oddHalf = SIMD4(truncatingIfNeeded: hash.words &>> 32)
    }
}
