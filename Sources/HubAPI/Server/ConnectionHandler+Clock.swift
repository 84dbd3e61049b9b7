import NIOCore
import NIOHTTP1

/// The time-outs of a connection, looked at several times per time-out.
extension ConnectionHandler {
    /// Starts looking at the clock; `stop` ends it.
    func startClock(_ context: ChannelHandlerContext) {
        let shortest = min(limits.headerSeconds, limits.idleSeconds, limits.bodySeconds, limits.discardSeconds)
        let interval = TimeAmount.nanoseconds(Int64(min(max(shortest / 5, 0.02), 1) * 1e9))
        let isolated = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        clock = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (handler, context) = isolated.value
            handler.lookAtClock(context)
        }
    }

    private func lookAtClock(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        switch phase {
        case .idle(let since):
            // A new connection has to say something at once; one that has served may rest.
            let limit = isFirstRequest ? limits.headerSeconds : limits.idleSeconds
            if now.seconds(since: since) > limit { close(context) }
        case .header(let since):
            if now.seconds(since: since) > limits.headerSeconds { refuse(.requestTimeout, context: context) }
        case .ready:
            checkAnswer(now: now, context: context)
        case .exchange(let exchange):
            checkBody(of: exchange, now: now)
            checkAnswer(now: now, context: context)
        case .discarding(let exchange, let since):
            // Until its end is out, the answer has the time of answers; afterwards the rest of the body has its own.
            if unsentBytes > 0 { return checkAnswer(now: now, context: context) }
            if !exchange.isBodyComplete, now.seconds(since: max(since, lastSent)) > limits.discardSeconds {
                close(context)
            }
        case .closed: break
        }
    }

    private func checkBody(of exchange: CurrentExchange, now: NIODeadline) {
        guard !exchange.isBodyComplete else { return }
        // As long as nobody waits for the body, the client is not what holds us up.
        guard exchange.body.isAwaited else { return exchange.startWindow() }
        guard now.seconds(since: exchange.windowStart) > limits.bodySeconds else { return }
        guard exchange.windowBytes < limits.bodyProgressBytes else { return exchange.startWindow() }
        exchange.body.finish(throwing: RequestBodyError.tooSlow)
    }

    private func checkAnswer(now: NIODeadline, context: ChannelHandlerContext) {
        // A large piece of a file takes a slow client long; that the socket takes some of it is all that is asked.
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if waiting != waitingBytes { (waitingBytes, lastSent) = (waiting, now) }
        if unsentBytes > 0, now.seconds(since: lastSent) > limits.idleSeconds { close(context) }
    }
}

extension NIODeadline {
    /// Seconds from `earlier` to this instant.
    fileprivate func seconds(since earlier: NIODeadline) -> Double { Double((self - earlier).nanoseconds) / 1e9 }
}
