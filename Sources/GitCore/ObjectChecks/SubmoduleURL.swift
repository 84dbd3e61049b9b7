/// The rules for `url` in `.gitmodules`.
enum SubmoduleURL {
    /// Whether git may be sent to this url.
    ///
    /// Refused are urls that start with `-`, that hide a newline in percent encoding where git decodes them (it would
    /// smuggle lines to credential helpers), that climb out of the superproject's path into its host, and http or ftp
    /// urls without a host.
    static func isSafe(_ url: [UInt8]) -> Bool {
        guard url.first != UInt8(ascii: "-") else { return false }
        if isRelative(url) { return !hidesLineBreak(url) && !leavesHost(url) }
        guard let address = curlAddress(url) else { return true }
        return !hidesLineBreak(address) && hasHost(address)
    }

    private static func isSlash(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
    }

    /// How many bytes `./` or `../` takes at the front, and how many levels it climbs; nil for neither.
    private static func step(_ url: ArraySlice<UInt8>) -> (byteCount: Int, levels: Int)? {
        let dots = url.prefix(2).prefix { $0 == UInt8(ascii: ".") }.count
        guard dots > 0, let next = url.dropFirst(dots).first, isSlash(next) else { return nil }
        return (dots + 1, dots - 1)
    }

    private static func isRelative(_ url: [UInt8]) -> Bool {
        step(url[...]) != nil
    }

    /// Whether the rest behind leading `../` would be read as a new host: it starts with `:` or a slash.
    private static func leavesHost(_ url: [UInt8]) -> Bool {
        var rest = url[...]
        var levels = 0
        while let step = step(rest) {
            rest = rest.dropFirst(step.byteCount)
            levels += step.levels
        }
        guard levels > 0, let next = rest.first else { return false }
        return next == UInt8(ascii: ":") || isSlash(next)
    }

    /// The address that git hands to curl; nil when it does not use curl.
    private static func curlAddress(_ url: [UInt8]) -> [UInt8]? {
        for scheme in ["http", "https", "ftp", "ftps"] {
            guard url.starts(with: scheme.utf8) else { continue }
            let rest = url.dropFirst(scheme.utf8.count)
            if rest.starts(with: "::".utf8) { return Array(rest.dropFirst(2)) }
            if rest.starts(with: "://".utf8) { return url }
        }
        return nil
    }

    /// Whether decoding `%` escapes gives a line break.
    private static func hidesLineBreak(_ url: [UInt8]) -> Bool {
        for (index, byte) in url.enumerated() {
            if isLineBreak(byte) { return true }
            guard byte == UInt8(ascii: "%"), index + 2 < url.count else { continue }
            guard let high = hexValue(of: url[index + 1]), let low = hexValue(of: url[index + 2]) else { continue }
            if isLineBreak(high << 4 | low) { return true }
        }
        return false
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }

    /// Whether `scheme://[user[:password]@]host…` has a scheme and a host.
    private static func hasHost(_ url: [UInt8]) -> Bool {
        guard let colon = url.indices.first(where: { url[$0...].starts(with: "://".utf8) }), colon > 0 else {
            return false
        }
        let authority = url[(colon + 3)...].prefix { byte in
            byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
        }
        guard let at = authority.firstIndex(of: UInt8(ascii: "@")) else { return !authority.isEmpty }
        return at + 1 < authority.endIndex
    }
}
