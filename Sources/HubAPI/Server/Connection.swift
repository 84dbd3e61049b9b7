import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// A connection as its serving task sees it: a sequence of exchanges, and the news that the client is gone.
struct Connection: ServerChildChannelValue {
    let channel: any Channel
    let events: ConnectionEvents
    let peerAddress: String
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

/// Sits before the HTTP parser: tells the handler behind it that bytes have come, and writes what needs no encoding.
///
/// Lives on the event loop.
final class ArrivalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Called for every arrival of bytes, before they are parsed.
    var bytesArrived: (() -> Void)?
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        bytesArrived = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytesArrived?()
        context.fireChannelRead(data)
    }

    /// Writes encoded bytes; `flush` sends them.
    func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>) {
        guard let context else { return promise.fail(ChannelError.ioOnClosedChannel) }
        context.write(NIOAny(bytes), promise: promise)
    }

    /// Sends what was written.
    func flush() {
        context?.flush()
    }
}
