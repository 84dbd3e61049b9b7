import Glibc

/// An address of the Internet Protocol, version 4 or 6.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, in the order of the network.
    package let bytes: [UInt8]

    /// An address from its bytes; nil unless there are 4 or 16.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads four decimal numbers with dots, or IPv6's text without brackets and zone; nil for anything else.
    ///
    /// - Source: inet_pton(3): no octal, no hexadecimal and no shortened numbers.
    package init?(parsing text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var four = [UInt8](repeating: 0, count: 4)
        var sixteen = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = four
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            bytes = sixteen
        } else {
            return nil
        }
    }

    /// The text that `init(parsing:)` reads.
    package var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// All addresses that begin with the same bits.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    private let address: IPAddress
    private let length: Int

    /// Reads a network as `10.0.0.0/8` or `fd00::/8`; nil for anything else.
    ///
    /// An address alone is a network of one.
    package init?(parsing text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(parsing: String($0)) }) else { return nil }
        let most = address.bytes.count * 8
        guard parts.count == 2 else {
            (self.address, length) = (address, most)
            return
        }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
            (0...most).contains(length)
        else { return nil }
        (self.address, self.length) = (address, length)
    }

    /// Whether an address is in it.
    package func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let (whole, rest) = length.quotientAndRemainder(dividingBy: 8)
        guard address.bytes.prefix(whole) == other.bytes.prefix(whole) else { return false }
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xff00 >> rest)
        return address.bytes[whole] & mask == other.bytes[whole] & mask
    }

    /// The text that `init(parsing:)` reads.
    package var description: String { "\(address)/\(length)" }
}

extension IPAddress {
    /// Whether it is one host's on the public internet.
    ///
    /// - Source: IANA's registries of special-purpose addresses, RFC 6890 and its successors.
    package var isPublic: Bool {
        bytes.count == 4
            ? !Self.special4.contains { $0.contains(self) }
            : Self.global6.contains { $0.contains(self) } && !Self.special6.contains { $0.contains(self) }
    }

    private static let special4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].compactMap(IPNetwork.init(parsing:))

    /// All that is given out; what embeds IPv4 addresses (mapped, NAT64), link-local, local and multicast are outside.
    private static let global6 = ["2000::/3"].compactMap(IPNetwork.init(parsing:))

    /// Teredo and others of the IETF, documentation, 6to4.
    private static let special6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]
        .compactMap(IPNetwork.init(parsing:))
}
