/// Checks the footer that some clients put behind the chunks of a xorb, and keeps nothing of it.
///
/// Only its start and its length are looked at: what else it says is found out from the chunks.
/// - Source: Xet protocol specification, "Xorb format", footer.
struct XorbFooter {
    private static let ident = Array("XETBLOB".utf8)
    /// Ident, version, hash of the xorb.
    private static let startLength = 40

    private var start: [UInt8] = []
    /// Bytes so far.
    private(set) var length = 0

    /// Takes in the next bytes.
    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        let missing = min(bytes.count, XorbFooter.startLength - start.count)
        start.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<missing]))
        length += bytes.count
    }

    /// Checks that the footer is whole and belongs to a xorb.
    ///
    /// - Throws: `malformedFooter`, `wrongHashInFooter`.
    func check(chunks: Int, hash: XetHash) throws(XorbError) {
        guard start.count == XorbFooter.startLength, start.starts(with: XorbFooter.ident),
            let named = XetHash(raw: Array(start[8...]))
        else { throw .malformedFooter }
        guard XorbFooter.lengths(version: start[7], chunks: chunks).contains(length) else { throw .malformedFooter }
        guard named == hash else { throw .wrongHashInFooter(named) }
    }

    /// How long a footer is, with or without the number at its end that says so.
    private static func lengths(version: UInt8, chunks: Int) -> [Int] {
        let own: Int
        switch version {
        case 0: own = startLength + 4 + chunks * 36 + 16
        case 1: own = startLength + 12 + chunks * 32 + 12 + chunks * 8 + 12 + 16
        default: return []
        }
        return [own, own + 4]
    }
}
