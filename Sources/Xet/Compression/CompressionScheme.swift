/// How the bytes of a chunk are stored; the raw value is the byte in its header.
///
/// - Source: Xet protocol specification, "Xorb format", compression schemes.
package enum CompressionScheme: UInt8, Sendable, CaseIterable {
    /// As they are.
    case stored = 0
    /// As an LZ4 frame.
    case lz4 = 1
    /// Grouped by position modulo four, then as an LZ4 frame.
    case groupedLZ4 = 2
}
