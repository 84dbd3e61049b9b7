/// The versions of git's wire protocol.
package enum GitProtocolVersion: Int, Sendable, CaseIterable {
    case v0, v1, v2

    /// Reads the `Git-Protocol` header or the `GIT_PROTOCOL` variable: the highest version we know, v0 when none is named.
    ///
    /// - Parameter header: colon-separated `key[=value]` items; more than 256 bytes are treated as absent.
    /// - Source: gitprotocol-http(5), gitprotocol-v2(5) "Initial Client Request".
    package init(header: String?) {
        guard let header, header.utf8.count <= 256 else {
            self = .v0
            return
        }
        var version = GitProtocolVersion.v0
        for item in header.utf8.split(separator: UInt8(ascii: ":")) {
            switch String(item) {
            case "version=1": version = max(version, .v1)
            case "version=2": version = max(version, .v2)
            default: continue
            }
        }
        self = version
    }
}

extension GitProtocolVersion: Comparable {
    /// By age.
    package static func < (left: GitProtocolVersion, right: GitProtocolVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}
