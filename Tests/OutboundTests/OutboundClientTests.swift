import NIOCore
import NIOPosix
import Outbound
import Synchronization
import Testing

@Suite struct OutboundClientTests {
    /// Answers as told, and remembers what was asked.
    private struct Names: NameResolver {
        let answers: [String: [String]]

        func addresses(of name: String) async -> [IPAddress] {
            (answers[name] ?? []).compactMap { IPAddress(parsing: $0) }
        }
    }

    private func client(_ allow: String, _ names: [String: [String]] = [:], seconds: Int64 = 10) throws
        -> OutboundClient
    {
        var limits = OutboundClient.Limits()
        limits.seconds = seconds
        return try OutboundClient(
            rules: try #require(OutboundRules(parsing: allow)),
            limits: limits,
            resolver: Names(answers: names),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton
        )
    }

    private func post(_ client: OutboundClient, _ url: String) async throws -> OutboundAnswer {
        try await client.post(
            to: try OutboundURL(parsing: url),
            headers: [("X-One", "1")],
            body: ByteBuffer(string: "{}")
        )
    }

    private func failure(_ body: () async throws -> OutboundAnswer) async -> OutboundFailure? {
        do {
            let answer = try await body()
            Issue.record("\(answer)")
            return nil
        } catch {
            return error as? OutboundFailure
        }
    }

    @Test func connectsToTheAddressThatWasCheckedUnderTheNameThatWasAskedFor() async throws {
        let listener = try await ScriptedListener.start(
            "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nRetry-After: 7\r\n\r\nok"
        )
        // No resolver of the system knows this name, so nothing but the given address can have been used.
        let client = try client("127.0.0.0/8", ["hooks.invalid": ["127.0.0.1"]])
        let answer = try await post(client, "http://HOOKS.invalid:\(listener.port)/path?q=1")
        #expect(answer.status == 201 && answer.retryAfter == 7 && answer.isInner)
        #expect(String(decoding: answer.body, as: UTF8.self) == "ok")
        let request = listener.received
        #expect(request.hasPrefix("POST /path?q=1 HTTP/1.1\r\n"), "\(request)")
        #expect(request.lowercased().contains("\r\nhost: hooks.invalid:\(listener.port)\r\n"), "\(request)")
        #expect(request.contains("\r\nX-One: 1\r\n") && request.hasSuffix("\r\n\r\n{}"), "\(request)")
        await listener.stop()
    }

    @Test func goesNowhereElse() async throws {
        let listener = try await ScriptedListener.start("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let client = try client("", ["a.invalid": ["127.0.0.1"], "b.invalid": ["8.8.8.8", "::1"]])
        for url in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "a.invalid", "b.invalid", "0.0.0.0"] {
            let failure = await failure { try await post(client, "http://\(url):\(listener.port)/") }
            #expect(failure == .refused(.address), "\(url)")
        }
        #expect(throws: OutboundRules.Refusal.address) {
            try client.check(try OutboundURL(parsing: "http://127.0.0.1:\(listener.port)/"))
        }
        #expect(await failure { try await post(client, "http://nothing.invalid/") } == .unknownHost)
        #expect(listener.connections == 0)
        await listener.stop()
    }

    @Test func followsNoRedirection() async throws {
        let listener = try await ScriptedListener.start(
            "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        )
        let answer = try await post(try client("127.0.0.1"), "http://127.0.0.1:\(listener.port)/")
        #expect(answer.status == 302)
        #expect(listener.connections == 1)
        await listener.stop()
    }

    @Test func readsTheBeginningOfALongAnswerAndLeaves() async throws {
        let length = 10 << 20
        let listener = try await ScriptedListener.start(
            "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n" + String(repeating: "x", count: 1 << 16)
        )
        let answer = try await post(try client("127.0.0.1"), "http://127.0.0.1:\(listener.port)/")
        #expect(answer.status == 200 && answer.body.count == 1_024)
        await listener.stop()
    }

    @Test(
        .timeLimit(.minutes(2)),
        arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"]
    )
    func doesNotWaitForEver(text: String) async throws {
        let listener = try await ScriptedListener.start(text)
        let client = try client("127.0.0.1", seconds: 1)
        #expect(await failure { try await post(client, "http://127.0.0.1:\(listener.port)/") } == .timedOut)
        await listener.stop()
    }

    @Test func tellsWhatWentWrong() async throws {
        let garbage = try await ScriptedListener.start("SSH-2.0-x\r\n\r\n")
        // Longer than the busiest machine keeps a task waiting.
        let inner = try client("127.0.0.1", seconds: 300)
        #expect(await failure { try await post(inner, "http://127.0.0.1:\(garbage.port)/") } == .broken)
        // A failed handshake is tried again until the time is over, so it may be told as either.
        let brief = try client("127.0.0.1", seconds: 20)
        let untrusted = await failure { try await post(brief, "https://127.0.0.1:\(garbage.port)/") }
        #expect(untrusted == .insecure || untrusted == .timedOut)
        let port = garbage.port
        await garbage.stop()
        let gone = await failure { try await post(inner, "http://127.0.0.1:\(port)/") }
        #expect(gone == .unreachable)
    }
}

/// Listens on loopback, and answers whatever comes with one text.
private final class ScriptedListener: Sendable {
    private final class State: Sendable {
        let received = Mutex("")
        let connections = Mutex(0)
    }

    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let state: State
        let answer: String

        init(_ state: State, _ answer: String) {
            self.state = state
            self.answer = answer
        }

        func channelActive(context: ChannelHandlerContext) { state.connections.withLock { $0 += 1 } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            let isComplete = state.received.withLock { received in
                received += text
                return received.hasSuffix("{}") || !received.hasPrefix("POST")
            }
            if isComplete { context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil) }
        }
    }

    private let channel: any Channel
    private let state: State

    private init(_ channel: any Channel, _ state: State) {
        self.channel = channel
        self.state = state
    }

    static func start(_ answer: String) async throws -> ScriptedListener {
        let state = State()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(state, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedListener(channel, state)
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var received: String { state.received.withLock { $0 } }
    var connections: Int { state.connections.withLock { $0 } }

    func stop() async { try? await channel.close() }
}
