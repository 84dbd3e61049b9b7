import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// A connection as its serving task sees it: a sequence of exchanges, and the news that the client is gone.
struct Connection: ServerChildChannelValue {
    let channel: any Channel
    let events: ConnectionEvents
    let isSecure: Bool
}

/// What the handler of a connection tells its serving task.
struct ConnectionEvents: Sendable {
    /// A request as the event loop hands it over.
    struct Request: Sendable {
        let head: HTTPRequestHead
        let body: RequestBody
        let response: ResponseStream
    }

    /// Requests in order.
    ///
    /// The next one comes only after the answer to the last, so at most one waits here.
    let requests: AsyncStream<Request>
    /// Ends when the connection does.
    let lifetime: AsyncStream<Never>

    private let requestsEnd: AsyncStream<Request>.Continuation
    private let lifetimeEnd: AsyncStream<Never>.Continuation

    /// The events of a connection that has just been accepted.
    init() {
        (requests, requestsEnd) = AsyncStream.makeStream()
        (lifetime, lifetimeEnd) = AsyncStream.makeStream()
    }

    /// Reports a request.
    func begin(_ head: HTTPRequestHead, body: RequestBody, response: ResponseStream) {
        requestsEnd.yield(Request(head: head, body: body, response: response))
    }

    /// Reports that the connection is over, or as good as.
    func finish() {
        requestsEnd.finish()
        lifetimeEnd.finish()
    }
}

/// Sits before the HTTP parser and tells the handler behind it that bytes have come.
final class ArrivalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: ConnectionHandler

    /// A handler that reports to `connection`.
    init(reportingTo connection: ConnectionHandler) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.bytesArrived()
        context.fireChannelRead(data)
    }
}
