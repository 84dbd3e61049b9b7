import HTTPTypes
import NIOCore
import NIOHTTP1

/// What a connection's handler knows of the request it is busy with.
///
/// Lives on the event loop.
final class CurrentExchange {
    let body: RequestBody
    var isBodyComplete = false
    /// Whether the client holds its body back until it is told to go on.
    var expectsContinue: Bool
    /// Whether the final status has been sent.
    var hasAnswered = false
    /// Whether another request may follow on this connection; decided with the head of the answer.
    var keepsAlive = false
    /// Bytes of the body since `windowStart`.
    var windowBytes = 0
    private(set) var windowStart = NIODeadline.now()
    /// Bytes thrown away after the answer.
    var discardedBytes = 0

    /// Whether the request is HTTP/1.1: it knows chunks, "100 Continue" and connections that stay.
    private let isModern: Bool
    private let isHead: Bool
    private let isKeepAlive: Bool
    private let declaredLength: Int64?
    private let isChunked: Bool

    /// A request that has just begun.
    init(head: HTTPRequestHead, body: RequestBody) {
        self.body = body
        isModern = head.version != .http1_0 && head.version != .http0_9
        isHead = head.method == .HEAD
        isKeepAlive = head.isKeepAlive && isModern
        declaredLength = head.headers.first(name: "content-length").flatMap { Int64($0) }
        isChunked = head.headers.contains(name: "transfer-encoding")
        let expectation = head.headers.first(name: "expect")?.lowercased()
        expectsContinue = expectation == "100-continue" && isModern
    }

    /// Begins a new window of the least progress of a body.
    func startWindow() {
        windowBytes = 0
        windowStart = .now()
    }

    /// Whether the connection can serve another request after this answer: only if the rest of the body, which has to
    /// be read first, is known to be short.
    func mayKeepAlive(limits: HTTPLimits) -> Bool {
        guard isKeepAlive else { return false }
        guard !isBodyComplete else { return true }
        guard !expectsContinue, !isChunked else { return false }
        let remaining = (declaredLength ?? 0) - body.receivedBytes
        return remaining <= Int64(limits.keepAliveDiscardBytes)
    }

    /// The head as HTTP/1 writes it, with version, date, connection and framing as this request needs them.
    ///
    /// A body of unknown length is chunked; for HTTP/1.0 it ends with the connection.
    func wireHead(_ head: ResponseHead) -> HTTPResponseHead {
        let status = HTTPResponseStatus(statusCode: head.status.code)
        var headers = HTTPHeaders()
        for field in head.headers { headers.add(name: field.name.rawName, value: field.value) }
        headers.replaceOrAdd(name: "Date", value: HTTPDate.now())
        if !keepsAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
        let needsFraming = status.mayHaveResponseBody && !isHead && !headers.contains(name: "Content-Length")
        if needsFraming, isModern { headers.replaceOrAdd(name: "Transfer-Encoding", value: "chunked") }
        return HTTPResponseHead(version: isModern ? .http1_1 : .http1_0, status: status, headers: headers)
    }
}
