import OpenSSLKit

/// The name of an object: the SHA-256 of its bytes.
///
/// Git LFS calls it oid. Keys are ordered by their bytes, which is the order of their texts as well.
package struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 32 bytes.
    package let bytes: [UInt8]

    /// Bytes of a SHA-256.
    package static let byteCount = 32

    /// Takes exactly 32 bytes; nil for any other number.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Reads exactly 64 lower-case hexadecimal digits; nil for anything else.
    ///
    /// Upper case is refused, so that an object has one spelling in paths, URLs and pointers.
    /// - Source: git-lfs `docs/spec.md`, "oid".
    package init?(hex: some StringProtocol) {
        guard hex.utf8.count == 2 * Self.byteCount, hex.utf8.allSatisfy(Self.isLowerCaseDigit),
            let bytes = Hex.decode(hex)
        else { return nil }
        self.bytes = bytes
    }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { Hex.encode(bytes) }

    /// The digits.
    package var description: String { hex }

    /// Compares byte by byte.
    package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    private static func isLowerCaseDigit(_ digit: UInt8) -> Bool {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
