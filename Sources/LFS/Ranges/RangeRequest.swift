/// What the `Range` field of a GET asks of an object.
package enum RangeRequest: Equatable, Sendable {
    /// 200: everything. There was no field, or one to ignore.
    case whole
    /// 206: these bytes, at least one.
    case part(Range<Int64>)
    /// 416: the range begins behind the object's end.
    case unsatisfiable

    /// Decides from the fields of a request.
    ///
    /// A malformed field, another unit and several ranges are ignored, as RFC 9110 allows for each of them.
    /// - Parameters:
    ///   - field: the value of `Range`; nil without one.
    ///   - ifRange: the value of `If-Range`; one that is not exactly `etag` (a date, a weak tag) asks for the whole.
    ///   - etag: the object's entity tag with its quotes.
    ///   - size: bytes of the object.
    /// - Source: RFC 9110, 13.1.5 and 14.
    package init(field: String?, ifRange: String?, etag: String, size: Int64) {
        self = .whole
        guard let field, let range = Self.parse(field.utf8) else { return }
        if let ifRange, !trimmed(ifRange.utf8).elementsEqual(etag.utf8) { return }
        switch range {
        case .from(let first, let last):
            guard first < size else {
                self = .unsatisfiable
                return
            }
            // An end behind the last byte is clipped; size is not 0 here.
            self = .part(first..<(min(last, size - 1) + 1))
        case .suffix(0): self = .unsatisfiable
        case .suffix(let count):
            // The end of nothing is nothing, which a 206 cannot say.
            if size > 0 { self = .part(max(0, size - count)..<size) }
        }
    }

    /// The value of `Content-Range` of a 206 or 416; nil for a 200.
    package func contentRange(size: Int64) -> String? {
        switch self {
        case .whole: nil
        case .part(let range): "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
        case .unsatisfiable: "bytes */\(size)"
        }
    }

    private enum Bounds {
        case from(Int64, through: Int64)
        case suffix(Int64)
    }

    private static func parse(_ field: String.UTF8View) -> Bounds? {
        let parts = trimmed(field).split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, String(decoding: parts[0], as: UTF8.self).lowercased() == "bytes" else { return nil }
        let bounds = trimmed(parts[1]).split(
            separator: UInt8(ascii: "-"),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard bounds.count == 2 else { return nil }
        switch (bounds[0].isEmpty, bounds[1].isEmpty) {
        case (true, true): return nil
        case (true, false): return saturating(bounds[1]).map { .suffix($0) }
        case (false, true): return saturating(bounds[0]).map { .from($0, through: .max) }
        case (false, false):
            guard let first = saturating(bounds[0]), let last = saturating(bounds[1]), first <= last else { return nil }
            return .from(first, through: last)
        }
    }

    /// The number that decimal digits spell, `Int64.max` when it is larger; nil for anything else.
    private static func saturating(_ digits: some Collection<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self)) ?? .max
    }
}

/// The bytes without spaces and tabs at both ends.
func trimmed<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let front = bytes.drop(while: isSpace)
    guard let last = front.lastIndex(where: { !isSpace($0) }) else { return front }
    return front[...last]
}
