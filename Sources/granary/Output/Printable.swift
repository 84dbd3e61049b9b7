/// Text that is safe to show on a terminal or to put on a line of a log.
enum Printable {
    /// Escapes what could move a cursor, start a line or reorder text, and cuts after `limit` characters of input.
    ///
    /// Escaped are the C0 and C1 controls, DEL, line and paragraph separators and the bidirectional controls.
    static func text(_ text: String, limit: Int = 1_024) -> String {
        let scalars = text.unicodeScalars
        // The common case: nothing to do, nothing to copy.
        if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
        var result = ""
        var count = 0
        for scalar in scalars {
            guard count < limit else {
                result += "…"
                break
            }
            append(scalar, to: &result)
            count += 1
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar.value {
        case 0x0a: result += "\\n"
        case 0x0d: result += "\\r"
        case 0x09: result += "\\t"
        case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
}
