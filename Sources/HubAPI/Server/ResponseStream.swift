import GitCore
package import HTTPTypes
package import NIOCore
import Synchronization

/// One response, sent in order: head, body, end.
///
/// `open` only remembers the head; it goes out with the first byte of the body or at the end. Until then an error can
/// still become another answer.
package final class ResponseStream: ByteSink, Sendable {
    private struct State {
        var head: ResponseHead?
        var preamble: ByteBuffer?
        var commonHeaders: HTTPFields = [:]
        var isStarted = false
        var isFinished = false
        var status: HTTPResponse.Status?
        /// The fields of the answer itself, without the common ones.
        var ownHeaders: HTTPFields = [:]
        var sentBytes: Int64 = 0
        var unconfirmedBytes = 0
    }

    /// Bytes that may be on their way to the socket without the writer waiting for them.
    private static let window = 128 << 10

    private let state = Mutex(State())
    let transmit: Transmit
    let isHead: Bool

    /// Passes a part on, with all before it if `flush` is true; completes when the kernel has it.
    typealias Transmit = @Sendable (_ part: ResponsePart, _ flush: Bool) -> EventLoopFuture<Void>

    /// A response whose parts go out through `transmit`.
    ///
    /// - Parameter isHead: whether the request was HEAD, whose answers have no body.
    init(isHead: Bool, transmit: @escaping Transmit) {
        self.isHead = isHead
        self.transmit = transmit
    }

    /// Whether anything has been sent, so that the status is settled.
    package var isStarted: Bool { state.withLock { $0.isStarted } }

    /// Whether the response is complete.
    package var isFinished: Bool { state.withLock { $0.isFinished } }

    /// The status as sent; nil before.
    package var status: HTTPResponse.Status? { state.withLock { $0.isStarted ? $0.status : nil } }

    /// Bytes of the body that were sent.
    package var sentBytes: Int64 { state.withLock { $0.sentBytes } }

    /// Adds fields to whatever head is sent.
    package func add(_ headers: HTTPFields) {
        state.withLock { $0.commonHeaders.append(contentsOf: headers) }
    }

    /// Decides status and fields of a streamed answer, to be sent with the first byte.
    ///
    /// Without effect once started.
    ///
    /// - Parameter preamble: bytes before those that `write` is given.
    package func open(status: HTTPResponse.Status, headers: HTTPFields, preamble: ByteBuffer? = nil) {
        state.withLock { state in
            guard !state.isStarted else { return }
            state.head = ResponseHead(status: status, headers: state.commonHeaders)
            state.head?.headers.append(contentsOf: headers)
            state.ownHeaders = headers
            state.preamble = preamble
            state.status = status
        }
    }

    /// Sends bytes of the body; waits for the socket once `window` bytes are on their way.
    package func write(_ buffer: ByteBuffer) async throws {
        try Task.checkCancellation()
        guard buffer.readableBytes > 0 else { return }
        start()
        guard !isHead else { return }
        try await sendBody(buffer, flush: true)
    }

    /// Ends the response.
    ///
    /// An opened one without bytes is sent with an empty body.
    package func finish() async throws {
        let hasPreamble = state.withLock { $0.preamble != nil }
        if hasPreamble { start() } else { startEmpty() }
        try await transmit(.end, true).get()
        state.withLock { $0.isFinished = true }
    }

    /// Sends a whole answer.
    package func send(_ answer: Answer) async throws {
        var headers = answer.headers
        if answer.status.mayHaveBody { headers[.contentLength] = String(answer.body.readableBytes) }
        open(status: answer.status, headers: headers)
        start()
        if !isHead, answer.body.readableBytes > 0 { try await sendBody(answer.body, flush: false) }
        try await finish()
    }

    /// What was answered to HEAD.
    var answerToHead: Answer {
        state.withLock { Answer(status: $0.status ?? .internalServerError, headers: $0.ownHeaders) }
    }

    private func sendBody(_ buffer: ByteBuffer, flush: Bool) async throws {
        let written = transmit(.body(buffer), flush)
        let mustWait = state.withLock { state in
            state.sentBytes += Int64(buffer.readableBytes)
            state.unconfirmedBytes += buffer.readableBytes
            guard flush, state.unconfirmedBytes >= Self.window else { return false }
            state.unconfirmedBytes = 0
            return true
        }
        guard mustWait else { return }
        // Parts are written in order: when this one is through, so are those before it.
        do {
            try await written.get()
        } catch {
            // The connection is gone, and so is whoever the answer was for.
            throw CancellationError()
        }
    }

    /// Sends the head, unless that has happened.
    func start() {
        let (head, preamble): (ResponseHead?, ByteBuffer?) = state.withLock { state in
            defer { (state.head, state.preamble, state.isStarted) = (nil, nil, true) }
            guard !state.isStarted else { return (nil, nil) }
            state.sentBytes += isHead ? 0 : Int64(state.preamble?.readableBytes ?? 0)
            return (state.head, state.preamble)
        }
        if let head { _ = transmit(.head(head), false) }
        if let preamble, !isHead { _ = transmit(.body(preamble), false) }
    }

    /// Counts bytes of the body.
    func noteSent(_ count: Int) {
        state.withLock { $0.sentBytes += Int64(count) }
    }

    private func startEmpty() {
        state.withLock { state in
            // An answer to HEAD tells the length that the body would have.
            guard !state.isStarted, let head = state.head, head.status.mayHaveBody else { return }
            if head.headers[.contentLength] == nil { state.head?.headers[.contentLength] = "0" }
        }
        start()
    }
}

/// The parts of a response, from whoever answers to the connection's handler.
enum ResponsePart: Sendable {
    case head(ResponseHead)
    case body(ByteBuffer)
    case file(FileRegion)
    case end
}

/// Status and fields of a response.
struct ResponseHead: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
}

extension HTTPResponse.Status {
    /// Whether HTTP gives answers of this status a body.
    fileprivate var mayHaveBody: Bool { code >= 200 && code != 204 && code != 304 }
}
