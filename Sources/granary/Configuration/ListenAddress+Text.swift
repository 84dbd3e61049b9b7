import HubAPI

extension ListenAddress {
    /// What `init(parsing:)` reads.
    static let accepts = "HOST:PORT with a port from 0 (any free port) to 65535, an IPv6 host in brackets"

    /// Reads `HOST:PORT` or `[IPv6]:PORT`; nil for anything else.
    init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        // UInt16.init reads "+80" as well, which no other program would.
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.contains(":") {
            host = host.dropFirst().dropLast()
            guard host.utf8.allSatisfy({ Self.isHostByte($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "%") })
            else {
                return nil
            }
        } else {
            guard host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    /// The form `init(parsing:)` reads.
    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can connect.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
