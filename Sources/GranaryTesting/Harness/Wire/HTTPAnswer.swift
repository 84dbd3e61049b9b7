/// An HTTP answer as a client sees it.
package struct HTTPAnswer: Sendable, CustomStringConvertible {
    /// The status code; 0 when the connection ended without an answer.
    package let status: Int
    /// Names in lower case, in the order they came.
    package let headers: [(name: String, value: String)]
    /// The body without transfer coding.
    package let body: [UInt8]

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    package var description: String { "\(status) \(headers) \(text.prefix(2_000))" }

    /// The value of the first header with this name (any case).
    package subscript(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }

    /// An answer that was already taken apart.
    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Reads the bytes of one answer; `100 Continue` in front of it is skipped.
    package init(reading bytes: [UInt8]) {
        var rest = bytes[...]
        var status = 0
        var headers: [(name: String, value: String)] = []
        repeat {
            let (head, tail) = Self.split(rest)
            (status, headers) = Self.parse(head: head)
            rest = tail
        } while (100..<200).contains(status) && !rest.isEmpty
        let chunked = headers.contains { $0.name == "transfer-encoding" && $0.value.lowercased() == "chunked" }
        self.init(status: status, headers: headers, body: chunked ? Self.dechunked(rest) : Array(rest))
    }

    private static func split(_ bytes: ArraySlice<UInt8>) -> (head: String, rest: ArraySlice<UInt8>) {
        let end: [UInt8] = [13, 10, 13, 10]
        var index = bytes.startIndex
        while index + 4 <= bytes.endIndex {
            if bytes[index] == 13, Array(bytes[index..<index + 4]) == end {
                return (String(decoding: bytes[..<index], as: UTF8.self), bytes[(index + 4)...])
            }
            index += 1
        }
        return (String(decoding: bytes, as: UTF8.self), [])
    }

    private static func parse(head: String) -> (Int, [(name: String, value: String)]) {
        let lines = head.split(separator: "\r\n").map(String.init)
        let words = (lines.first ?? "").split(separator: " ")
        let status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (line[..<colon].lowercased(), String(value))
        }
        return (status, headers)
    }

    private static func dechunked(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var body = [UInt8]()
        var rest = bytes
        while let end = rest.firstIndex(of: 13) {
            let digits = String(decoding: rest[..<end].prefix { $0 != 0x3b }, as: UTF8.self)
            guard let size = Int(digits, radix: 16), size > 0, rest.endIndex - end - 2 >= size else { break }
            body += rest[(end + 2)..<(end + 2 + size)]
            rest = rest[(end + 2 + size)...].dropFirst(2)
        }
        return body
    }
}
