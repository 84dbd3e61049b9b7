package import HTTPTypes
import LFS
package import ObjectStore

/// What the answer to a download is, as far as the request's fields decide it.
///
/// - Source: RFC 9110, 13.2.2 for the order of the conditions.
package struct ObjectAnswer: Sendable, Equatable {
    /// 200, 206, 304, 412 or 416.
    package let status: HTTPResponse.Status
    /// Fields of the object and of framing.
    package let headers: HTTPFields
    /// The bytes to send; nil for an answer that has none by its status.
    package let range: Range<Int64>?

    /// Decides for an object of `size` bytes.
    package init(oid: ObjectKey, size: Int64, exchange: Exchange) {
        let etag = EntityTag.of(oid)
        self.init(etag: etag, size: size, exchange: exchange, headers: Self.fields(etag))
    }

    /// Decides for content of `size` bytes.
    ///
    /// - Parameters:
    ///   - etag: the entity tag, in its quotes.
    ///   - headers: fields of every answer about the content.
    package init(etag: String, size: Int64, exchange: Exchange, headers: HTTPFields) {
        let fields = exchange.headers
        var headers = headers
        if let condition = fields[.ifMatch], !EntityTag.isListed(etag, in: condition, isWeak: false) {
            self.init(status: .preconditionFailed, headers: headers, range: nil)
        } else if let condition = fields[.ifNoneMatch], EntityTag.isListed(etag, in: condition, isWeak: true) {
            self.init(status: .notModified, headers: headers, range: nil)
        } else {
            // Ranges are defined for GET alone.
            let field = exchange.method == .get ? fields[.range] : nil
            let request = RangeRequest(field: field, ifRange: fields[.ifRange], etag: etag, size: size)
            headers[.contentRange] = request.contentRange(size: size)
            let (status, range): (HTTPResponse.Status, Range<Int64>?) =
                switch request {
                case .whole: (.ok, 0..<size)
                case .part(let range): (.partialContent, range)
                case .unsatisfiable: (.rangeNotSatisfiable, nil)
                }
            if let range { headers[.contentLength] = String(range.upperBound - range.lowerBound) }
            self.init(status: status, headers: headers, range: range)
        }
    }

    private init(status: HTTPResponse.Status, headers: HTTPFields, range: Range<Int64>?) {
        self.status = status
        self.headers = headers
        self.range = range
    }

    /// Fields of every answer about an object.
    ///
    /// It was written by somebody else than its reader, so a browser must neither show it nor guess what it is.
    private static func fields(_ etag: String) -> HTTPFields {
        [
            .eTag: etag,
            .acceptRanges: "bytes",
            .cacheControl: "private, immutable",
            .contentType: "application/octet-stream",
            .contentDisposition: "attachment",
            .contentTypeOptions: "nosniff",
        ]
    }
}
