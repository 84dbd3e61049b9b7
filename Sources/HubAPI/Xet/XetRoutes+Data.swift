import HTTPTypes
import HubCore
import NIOCore
import Xet

/// What a reconstruction leads to.
extension XetRoutes {
    /// Ranges of a stored xorb, for whoever has a link.
    func data(_ hash: XetHash, _ exchange: Exchange, _ response: ResponseStream) async throws {
        try rates.passLink(.git, at: publicURL.clientAddress(of: exchange))
        let items = QueryItems(exchange.query).items.map { (name: $0.name, value: $0.value) }
        let ranges = try XetRanges(exchange.headers[.range]).ranges.map {
            Int(clamping: $0.lowerBound)..<Int(clamping: $0.upperBound)
        }
        let data = try await hub.xet.data(hash, items: items, ranges: ranges)
        try await sender.send(data, XorbParts(data), exchange, response)
    }
}

/// The field `Range` as clients of chunks send it.
struct XetRanges {
    /// In the order of the field; none without one.
    let ranges: [Range<UInt64>]

    /// More than any client sends, and than a link is for.
    private static let most = 500

    /// - Throws: `XetFailure` 400 for anything but `bytes=a-b,c-d`; the last may lack its end.
    init(_ field: String?) throws(XetFailure) {
        guard let field else {
            ranges = []
            return
        }
        let parts = field.dropFirst("bytes=".count).split(separator: ",", omittingEmptySubsequences: false)
        guard field.hasPrefix("bytes="), parts.count <= Self.most else { throw Self.malformed }
        var ranges: [Range<UInt64>] = []
        for part in parts { ranges.append(try Self.range(part)) }
        self.ranges = ranges
    }

    private static func range(_ part: Substring) throws(XetFailure) -> Range<UInt64> {
        let ends = part.drop { $0 == " " }.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = UInt64(ends[0]) else { throw malformed }
        if ends[1].isEmpty { return first..<UInt64.max }
        guard let last = UInt64(ends[1]), first <= last, last < .max else { throw malformed }
        return first..<last + 1
    }

    private static let malformed = XetFailure(status: 400, "The range is malformed.")
}

/// An answer with one range, or with several as `multipart/byteranges`.
///
/// - Source: RFC 9110, section 14.6.
struct XorbParts {
    let headers: HTTPFields
    /// The ranges, with what comes before each.
    let parts: [(head: ByteBuffer?, range: Range<Int>)]
    /// What comes behind the last.
    let tail: ByteBuffer?

    init(_ data: XorbData) {
        var headers: HTTPFields = [.acceptRanges: "bytes", .cacheControl: "private, immutable"]
        if let range = data.ranges.first, data.ranges.count == 1 {
            headers[.contentType] = "application/octet-stream"
            headers[.contentLength] = String(range.count)
            headers[.contentRange] = Self.contentRange(range, of: data.length)
            (parts, tail, self.headers) = ([(nil, range)], nil, headers)
            return
        }
        // The bytes are other people's: no line of theirs may be taken for the boundary.
        let boundary = "granary-\(UInt64.random(in: 0 ... .max))-\(UInt64.random(in: 0 ... .max))"
        parts = data.ranges.map { range in
            let head =
                "\r\n--\(boundary)\r\nContent-Type: application/octet-stream\r\n"
                + "Content-Range: \(Self.contentRange(range, of: data.length))\r\n\r\n"
            return (ByteBuffer(string: head), range)
        }
        let end = ByteBuffer(string: "\r\n--\(boundary)--\r\n")
        let length = parts.reduce(end.readableBytes) { $0 + ($1.head?.readableBytes ?? 0) + $1.range.count }
        headers[.contentType] = "multipart/byteranges; boundary=\(boundary)"
        headers[.contentLength] = String(length)
        (tail, self.headers) = (end, headers)
    }

    private static func contentRange(_ range: Range<Int>, of length: Int) -> String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
    }
}
