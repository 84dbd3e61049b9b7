import NIOCore

/// The payload of a text line: at most one LF at its end is not part of it.
///
/// - Source: gitprotocol-common(5): senders should end text lines with LF, receivers must not insist.
func textLine(_ payload: ByteBuffer) -> ByteBufferView {
    let bytes = payload.readableBytesView
    return bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes
}

extension Collection<UInt8> {
    /// What follows `keyword`; nil when the bytes start with something else.
    func argument(after keyword: StaticString) -> SubSequence? {
        keyword.withUTF8Buffer { keyword in
            starts(with: keyword) ? dropFirst(keyword.count) : nil
        }
    }

    /// Whether the bytes are those of `word`.
    func isWord(_ word: StaticString) -> Bool {
        word.withUTF8Buffer { elementsEqual($0) }
    }

    /// The decimal number that the bytes spell; nil when there are none, for any other byte, and beyond `Int64`.
    func decimalNumber() -> Int64? {
        guard !isEmpty else { return nil }
        var number: Int64 = 0
        for digit in self {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }

    /// The bytes as one line that is safe to show, at most 80 bytes.
    var excerpt: String {
        String(decoding: prefix(256), as: UTF8.self).singleLine(limit: 80)
    }
}
