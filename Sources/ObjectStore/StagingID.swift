import OpenSSLKit

/// Names the place to which a client sends one object directly: 128 random bits, made for one entry of one batch.
///
/// Nobody but that client and the hub knows it, so bytes found there were sent by who was asked for them.
package struct StagingID: Hashable, Sendable, CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    package let text: String

    /// Bytes of randomness that make an id.
    package static let byteCount = 16

    /// Takes exactly 16 random bytes; nil for any other number.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        text = Hex.encode(Array(bytes))
    }

    /// Reads what `text` gives; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == 2 * Self.byteCount, let bytes = Hex.decode(text), Hex.encode(bytes) == text else {
            return nil
        }
        self.text = text
    }

    /// The digits.
    package var description: String { text }
}
