/// A request path, cut at "/" and percent-decoded once, segment by segment.
///
/// What could mean one thing to us and another to a proxy or a file system is refused before any routing: encoded
/// slashes and backslashes, control bytes, bytes that are not UTF-8 (overlong forms among them), "." and ".." however
/// they are spelled, and percent signs that encode nothing.
package struct PathSegments: Sendable, Equatable {
    /// The decoded segments after the leading slash.
    ///
    /// "/a/b/" has three, the last one empty.
    package let segments: [String]

    /// The longest path, in bytes.
    static let maximumBytes = 4_096

    /// Reads a path as it stands in a request.
    ///
    /// - Parameters:
    ///   - path: the request target without query.
    ///   - allowsEncodedSlash: whether "%2F" is data inside a segment, as in revisions of the hub's API.
    package init(_ path: some StringProtocol, allowsEncodedSlash: Bool = false) throws(PathError) {
        guard path.utf8.count <= Self.maximumBytes else { throw .tooLong }
        guard path.utf8.first == UInt8(ascii: "/") else { throw .notAbsolute }
        var segments: [String] = []
        for raw in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            segments.append(try Self.decode(raw, allowsEncodedSlash: allowsEncodedSlash))
        }
        self.segments = segments
    }

    private static func decode(_ raw: some Collection<UInt8>, allowsEncodedSlash: Bool) throws(PathError) -> String {
        var bytes: [UInt8] = []
        var rest = raw[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                guard isHarmless(byte) else { throw .forbiddenByte(byte) }
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                throw .badEscape
            }
            let decoded = high << 4 | low
            let isAllowedSlash = allowsEncodedSlash && decoded == UInt8(ascii: "/")
            guard isAllowedSlash || decoded != UInt8(ascii: "/"), isHarmless(decoded) else {
                throw .forbiddenByte(decoded)
            }
            bytes.append(decoded)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        for part in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if part == [UInt8(ascii: ".")] || part == [UInt8(ascii: "."), UInt8(ascii: ".")] { throw .dotSegment }
        }
        return text
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f && byte != UInt8(ascii: "\\")
    }
}

/// Why a path is refused.
package enum PathError: Error, Sendable, Equatable {
    /// More than `PathSegments.maximumBytes` bytes.
    case tooLong
    /// No slash at the beginning.
    case notAbsolute
    /// A percent sign without two hexadecimal digits.
    case badEscape
    /// A control byte, a backslash, or an encoded slash.
    case forbiddenByte(UInt8)
    /// Bytes that are not UTF-8 in its shortest form.
    case notUTF8
    /// "." or "..".
    case dotSegment
}

/// The digit's value, or nil for anything but a hexadecimal digit of either case.
func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
