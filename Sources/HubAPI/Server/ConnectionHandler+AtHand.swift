import NIOCore
import NIOHTTP1

/// Answers that are ready when their request comes: no task, no stream of parts, one write.
extension ConnectionHandler {
    /// A request whose answer is ready, from the moment when its head was read.
    struct Ready {
        let answer: AnswerAtHand
        /// Whether another request may follow on this connection.
        let keepsAlive: Bool
        /// Whether the answer has been given to the socket.
        var isSent = false
    }

    /// The request is over: the answer goes out.
    ///
    /// It passes the encoder by, as it is encoded; `ArrivalHandler` sits before that.
    func send(_ ready: Ready, context: ChannelHandlerContext) {
        var ready = ready
        ready.isSent = true
        phase = .ready(ready)
        let answer = ready.answer
        var head = answer.head
        head.writeStaticString("Date: ")
        head.writeString(HTTPDate.now())
        head.writeStaticString(ready.keepsAlive && !isQuiescing ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        let isOneWrite = answer.body.readableBytes <= Self.copiedBytes
        if isOneWrite { head.writeImmutableBuffer(answer.body) }
        let written = context.eventLoop.makePromise(of: Void.self)
        let isolated = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let mayContinue = ready.keepsAlive
        written.futureResult.whenComplete { result in
            let (handler, context) = isolated.value
            answer.whenSent((try? result.get()) != nil)
            guard case .ready = handler.phase else { return }
            handler.nextRequest(keepsAlive: mayContinue, context: context)
        }
        track(head.readableBytes, promise: isOneWrite ? written : nil, context: context) { promise in
            arrival.write(head, promise: promise)
        }
        if !isOneWrite {
            track(answer.body.readableBytes, promise: written, context: context) { promise in
                arrival.write(answer.body, promise: promise)
            }
        }
        arrival.flush()
    }

    /// Bodies up to this many bytes are copied behind the head, as a second write costs more.
    private static var copiedBytes: Int { 16 << 10 }
}
