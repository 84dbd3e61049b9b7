package import HTTPTypes
package import NIOCore

/// A whole answer that fits in memory: a status, fields and a short body.
package struct Answer: Sendable {
    /// The status.
    package var status: HTTPResponse.Status
    /// Fields besides those of framing and identification, which are added on sending.
    package var headers: HTTPFields
    /// The body, possibly empty.
    package var body: ByteBuffer

    /// An answer of bytes of a content type; no type for an empty body.
    package init(
        status: HTTPResponse.Status,
        headers: HTTPFields = [:],
        contentType: String? = nil,
        body: ByteBuffer = .init()
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        if let contentType { self.headers[.contentType] = contentType }
    }

    /// One line of plain text, for people: git shows it with "remote:" before it.
    package static func text(_ line: String, status: HTTPResponse.Status, headers: HTTPFields = [:]) -> Answer {
        let body = ByteBuffer(string: line + "\n")
        return Answer(status: status, headers: headers, contentType: "text/plain; charset=utf-8", body: body)
    }
}
