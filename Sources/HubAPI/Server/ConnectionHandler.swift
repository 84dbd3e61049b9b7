import HTTPTypes
import NIOCore
import NIOHTTP1

/// The end of a connection's pipeline: turns HTTP/1 parts into exchanges, one at a time, and watches the clock.
///
/// It lives on its event loop. The serving task reaches it through `Connection`, which carries every call over.
///
/// - Reading follows demand: nothing is read while a body's buffer is full or a complete request is being answered.
///   The end of the stream is still noticed then, because NIO reports it without reading.
/// - A client that closes its side is gone: clients of git and of the hub do not close half a connection.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What the connection is busy with.
    enum Phase {
        /// No request; `since` is when the last one ended.
        case idle(since: NIODeadline)
        /// Bytes of a header have arrived.
        case header(since: NIODeadline)
        /// A request whose answer is ready is being read, or the answer sent.
        case ready(Ready)
        /// A request is being read or answered.
        case exchange(CurrentExchange)
        /// The answer is out; the rest of the body is thrown away.
        case discarding(CurrentExchange, since: NIODeadline)
        /// Nothing more happens here.
        case closed
    }

    let limits: HTTPLimits
    let events: ConnectionEvents
    /// The handler before the codec, for bytes that are encoded already.
    let arrival: ArrivalHandler
    /// Finds the answer to a request that has one ready.
    private let answerAtHand: (HTTPRequestHead) -> AnswerAtHand?
    var phase = Phase.idle(since: .now())
    var isFirstRequest = true
    var isQuiescing = false
    /// Bytes given to the socket and not taken yet, and when it last took some.
    var unsentBytes = 0
    var lastSent = NIODeadline.now()
    /// Bytes that waited for the socket when the clock was last looked at.
    var waitingBytes = 0
    var clock: RepeatedTask?
    private var pipelined: [HTTPServerRequestPart] = []
    private var hasPendingRead = false
    private var context: ChannelHandlerContext?

    /// A handler behind `arrival` that reports to `events` what it cannot answer at once.
    init(
        limits: HTTPLimits,
        events: ConnectionEvents,
        arrival: ArrivalHandler,
        answerAtHand: @escaping (HTTPRequestHead) -> AnswerAtHand?
    ) {
        self.limits = limits
        self.events = events
        self.arrival = arrival
        self.answerAtHand = answerAtHand
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        startClock(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if wantsBytes { context.read() } else { hasPendingRead = true }
    }

    /// Whether a part from the socket would be of use now.
    var wantsBytes: Bool {
        switch phase {
        case .idle, .header, .discarding: true
        case .ready(let ready): !ready.isSent
        case .exchange(let exchange): !exchange.isBodyComplete && exchange.body.bufferedBytes < limits.bodyBufferBytes
        case .closed: false
        }
    }

    /// Reads on if a read was held back and is wanted now.
    func resumeReading() {
        guard hasPendingRead, wantsBytes, let context else { return }
        hasPendingRead = false
        context.read()
    }

    /// Called for every arrival of bytes, before they are parsed.
    func bytesArrived() {
        if case .idle = phase { phase = .header(since: .now()) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .head = part {
            switch phase {
            case .idle, .header: break
            case .ready, .exchange, .discarding: return pipelined.append(part)
            case .closed: return
            }
        } else if !pipelined.isEmpty {
            return pipelined.append(part)
        }
        accept(part, context: context)
    }

    private func accept(_ part: HTTPServerRequestPart, context: ChannelHandlerContext) {
        switch part {
        case .head(let head): begin(head, context: context)
        case .body(let bytes): bodyArrived(bytes, context: context)
        case .end: bodyEnded(context: context)
        }
    }

    private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        isFirstRequest = false
        if let answer = answerAtHand(head) {
            phase = .ready(Ready(answer: answer, keepsAlive: head.isKeepAlive && head.version == .http1_1))
            return
        }
        let channel = context.channel
        let loop = context.eventLoop
        let isolated = NIOLoopBound(self, eventLoop: loop)
        let body = RequestBody { loop.execute { isolated.value.bodyWanted() } }
        phase = .exchange(CurrentExchange(head: head, body: body))
        let response = ResponseStream(isHead: head.method == .HEAD) { part, flush in
            flush ? channel.writeAndFlush(part) : channel.write(part)
        }
        events.begin(head, body: body, response: response)
    }

    private func bodyArrived(_ bytes: ByteBuffer, context: ChannelHandlerContext) {
        switch phase {
        case .exchange(let exchange):
            exchange.windowBytes += bytes.readableBytes
            exchange.body.push(bytes)
        case .discarding(let exchange, _):
            exchange.discardedBytes += bytes.readableBytes
            if exchange.discardedBytes > limits.discardBytes { close(context) }
        // The head promised that there is none.
        case .ready: close(context)
        case .idle, .header, .closed: break
        }
    }

    private func bodyEnded(context: ChannelHandlerContext) {
        switch phase {
        case .exchange(let exchange):
            exchange.isBodyComplete = true
            exchange.body.finish()
        case .discarding(let exchange, _):
            exchange.isBodyComplete = true
            nextRequest(keepsAlive: exchange.keepsAlive, context: context)
        case .ready(let ready):
            if !ready.isSent { send(ready, context: context) }
        case .idle, .header, .closed: break
        }
    }

    /// The consumer waits for bytes: time for "100 Continue", if the client does, and for the socket.
    private func bodyWanted() {
        guard case .exchange(let exchange) = phase, !exchange.isBodyComplete else { return }
        if exchange.expectsContinue, !exchange.hasAnswered, let context {
            exchange.expectsContinue = false
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
        resumeReading()
    }

    // MARK: Writing

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .exchange(let exchange) = phase else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            exchange.hasAnswered = true
            exchange.keepsAlive = exchange.mayKeepAlive(limits: limits) && !isQuiescing
            let head = exchange.wireHead(head)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes):
            track(bytes.readableBytes, promise: promise, context: context) { promise in
                context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
            }
        case .file(let region):
            track(region.readableBytes, promise: promise, context: context) { promise in
                context.write(wrapOutboundOut(.body(.fileRegion(region))), promise: promise)
            }
        case .end:
            end(exchange, promise: promise, context: context)
        }
    }

    /// Counts bytes that are written until the socket has them.
    func track(
        _ count: Int,
        promise: EventLoopPromise<Void>?,
        context: ChannelHandlerContext,
        write: (EventLoopPromise<Void>) -> Void
    ) {
        let written = promise ?? context.eventLoop.makePromise()
        if unsentBytes == 0 { lastSent = .now() }
        unsentBytes += count
        let isolated = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            isolated.value.unsentBytes -= count
            isolated.value.lastSent = .now()
        }
        write(written)
    }

    private func end(_ exchange: CurrentExchange, promise: EventLoopPromise<Void>?, context: ChannelHandlerContext) {
        let written = promise ?? context.eventLoop.makePromise()
        let isolated = NIOLoopBound((self, exchange, context), eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            let (handler, exchange, context) = isolated.value
            handler.answered(exchange, context: context)
        }
        phase = .discarding(exchange, since: .now())
        exchange.body.finish(throwing: RequestBodyError.truncated)
        context.write(wrapOutboundOut(.end(nil)), promise: written)
    }

    /// The answer has left: what remains of the request is thrown away, within bounds, or the connection ends.
    private func answered(_ exchange: CurrentExchange, context: ChannelHandlerContext) {
        guard case .discarding = phase else { return }
        if exchange.isBodyComplete { return nextRequest(keepsAlive: exchange.keepsAlive, context: context) }
        if exchange.expectsContinue { return close(context) }
        if !exchange.keepsAlive { context.close(mode: .output, promise: nil) }
        resumeReading()
    }

    /// Request and answer are over: the connection waits for the next, or ends.
    func nextRequest(keepsAlive: Bool, context: ChannelHandlerContext) {
        guard keepsAlive, !isQuiescing else { return close(context) }
        phase = .idle(since: .now())
        let parts = pipelined
        pipelined = []
        for part in parts { channelRead(context: context, data: wrapInboundIn(part)) }
        resumeReading()
    }

    private func wrapInboundIn(_ part: HTTPServerRequestPart) -> NIOAny { NIOAny(part) }

    // MARK: Ends

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: close(context)
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            if case .idle = phase { close(context) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch phase {
        case .idle, .header:
            guard let error = error as? HTTPParserError else { return close(context) }
            refuse(error, context: context)
        case .exchange(let exchange):
            exchange.body.finish(throwing: RequestBodyError.truncated)
            close(context)
        case .ready, .discarding, .closed:
            close(context)
        }
    }

    /// Answers bytes that are not an HTTP request, then closes.
    private func refuse(_ error: HTTPParserError, context: ChannelHandlerContext) {
        let status: HTTPResponseStatus = error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest
        refuse(status, context: context)
    }

    /// Answers without an exchange, then closes.
    func refuse(_ status: HTTPResponseStatus, context: ChannelHandlerContext) {
        stop()
        let headers: HTTPHeaders = ["Connection": "close", "Content-Length": "0"]
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let promise = context.eventLoop.makePromise(of: Void.self)
        let isolated = NIOLoopBound(context, eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in isolated.value.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    /// Ends everything at once: the body, the serving task, the socket.
    func close(_ context: ChannelHandlerContext) {
        stop()
        context.close(promise: nil)
    }

    private func stop() {
        if case .exchange(let exchange) = phase { exchange.body.finish(throwing: CancellationError()) }
        phase = .closed
        pipelined = []
        clock?.cancel()
        clock = nil
        events.finish()
    }
}
