/// The part of a client's address that one person or machine cannot change at will.
///
/// An IPv4 address as it is. Of an IPv6 address the first 64 bits: whoever has one address has the whole network behind it.
package struct ClientNetwork: Sendable, Hashable {
    /// The key to count by.
    package let text: String

    /// - Parameter address: an address as the system prints it, without brackets or port. Anything else is its own key.
    package init(address: String) {
        let address = String(decoding: address.utf8.prefix(64), as: UTF8.self)
        guard let groups = Self.groups(of: address) else {
            text = address
            return
        }
        let isMappedIPv4 = groups[0..<5].allSatisfy { $0 == 0 } && groups[5] == 0xffff
        text =
            isMappedIPv4
            ? [groups[6] >> 8, groups[6] & 0xff, groups[7] >> 8, groups[7] & 0xff].map { "\($0)" }.joined(
                separator: "."
            )
            : groups[0..<4].map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }

    /// The eight 16-bit groups of an IPv6 address; nil for anything else.
    private static func groups(of address: String) -> [UInt16]? {
        let withoutZone = address.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
        guard withoutZone.contains(":") else { return nil }
        let halves = withoutZone.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = parse(halves[0]) else { return nil }
        guard halves.count == 2 else { return head.count == 8 ? head : nil }
        guard let tail = parse(halves[1]), head.count + tail.count < 8 else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Groups between colons; the last may be a dotted IPv4 address, which is two.
    private static func parse(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        for piece in text.split(separator: ":", omittingEmptySubsequences: false) {
            if piece.contains(".") {
                let bytes = piece.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
                guard bytes.count == 4 else { return nil }
                groups.append(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
                groups.append(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
            } else {
                guard let group = UInt16(piece, radix: 16) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}
