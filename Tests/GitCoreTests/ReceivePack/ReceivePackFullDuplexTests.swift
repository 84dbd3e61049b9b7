import GitCore
import GranaryTesting
import NIOCore
import Testing

/// Pushes over a channel that the client keeps open while it waits for the report, as some SSH clients do.
@Suite struct ReceivePackFullDuplexTests {
    /// A push that is being served.
    private struct Service {
        let workshop: Workshop
        let duplex = Duplex()
        let target: MemoryTarget
        let pack: [UInt8]
        let lines: [PktLine]
        let recorded: [String]

        init(_ name: String) throws {
            let conversation = try WireConversation(name: name)
            let history = try RecordedHistory()
            workshop = try history.workshop(conversation)
            let force = name.contains("refused") ? "non-fast-forward" : nil
            target = MemoryTarget(try conversation.snapshot, refusingForce: force)
            let exchange = try #require(conversation.requests.first).drop { !$0.isFromClient }
            lines = exchange.filter(\.isFromClient).map(\.packet)
            recorded = exchange.filter { !$0.isFromClient }.map(\.text)
            let news = exchange.filter { $0.isFromClient && $0.text.contains(" refs/") }.compactMap {
                ObjectID(hex: $0.text.dropFirst(41).prefix(40))
            }
            let isDelete = news.allSatisfy { $0 == .zero }
            pack = isDelete ? [] : try history.pack(news, without: conversation.refs.map(\.oid))
        }

        /// Starts the server; by a clock that stands still it never gives up on a silent client.
        func start(isStateless: Bool = false, clockRuns: Bool = false) -> Task<PushSummary?, any Error> {
            let standing = GitContext(limits: .standard, agent: "granary/test") { 0 }
            let server = ReceivePack(
                repository: workshop.repository,
                target: target,
                context: clockRuns ? testContext : standing,
                isStateless: isStateless,
                quarantineName: "q"
            )
            return Task { [duplex] in try await server.serve(input: duplex.input, to: duplex) }
        }
    }

    /// The report inside band 1, without the lines that git's server does not write.
    private func report(_ answer: ByteBuffer) -> [String] {
        var decoder = PktLineDecoder()
        decoder.append(answer)
        var report = ByteBuffer()
        while case .data(var payload)? = try? decoder.next() {
            if payload.readInteger(as: UInt8.self) == 1 { report.writeImmutableBuffer(payload) }
        }
        return spelled(report).filter { !$0.hasPrefix("option") }
    }

    private func outcome(_ serving: Task<PushSummary?, any Error>, within seconds: Int = 20) async throws
        -> PushSummary?
    {
        let result = await within(seconds: seconds) { await serving.result }
        return try #require(result, "the server waits for something").get()
    }

    private static let recordings = [
        "update", "create-existing", "delete", "options-atomic", "force", "refused", "shallow", "empty",
    ]

    @Test(arguments: recordings, [1, 1_000])
    func answersTheRecordedClients(_ name: String, piece: Int) async throws {
        let service = try Service("receive-pack-\(name).txt")
        let serving = service.start()
        var rest = (Array(wire(service.lines).readableBytesView) + service.pack)[...]
        while !rest.isEmpty {
            service.duplex.send(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        let summary = try await outcome(serving)
        #expect(report(service.duplex.answered) == service.recorded.dropLast())
        #expect(summary?.refused == (name == "refused" ? 1 : 0))
        #expect(summary?.unpackError == nil)
    }

    @Test func ignoresWhatComesBehindThePack() async throws {
        for isStateless in [false, true] {
            let service = try Service("receive-pack-update.txt")
            let serving = service.start(isStateless: isStateless)
            let packets = Array(wire(service.lines).readableBytesView)
            service.duplex.send(packets + service.pack + Array("0000 and more".utf8))
            if isStateless { service.duplex.hangUp() }
            let summary = try await outcome(serving)
            #expect(summary?.unpackError == (isStateless ? "garbage after the end of the pack" : nil))
        }
    }

    /// The reason is there before the pack is, and the conversation ends with the pack.
    @Test(arguments: [1, 1_000])
    func refusesBeforeThePackComes(piece: Int) async throws {
        let service = try Service("receive-pack-update.txt")
        let serving = service.start()
        let command = "\(ObjectID.zero) \(sampleID(1)) refs/heads/closed\0report-status side-band-64k"
        service.duplex.send(line(command), .flush)
        #expect(await service.duplex.wait { !self.report($0).isEmpty })
        #expect(report(service.duplex.answered) == ["unpack ok", "ng refs/heads/closed closed", "0000"])
        var rest = service.pack[...]
        while !rest.isEmpty {
            service.duplex.send(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        #expect(try await outcome(serving)?.refused == 1)
    }

    /// A pack that is refused in its middle is read to its end, which is found without parsing it.
    @Test(arguments: [1, 50, 100_000])
    func readsTheRestOfARefusedPack(piece: Int) async throws {
        var builder = PackBuilder()
        _ = try builder.add(.commit, Array("tree nonsense\n".utf8))
        for number in 0..<20 { _ = try builder.add(.blob, Array("blob \(number)".utf8)) }
        let service = try Service("receive-pack-update.txt")
        let serving = service.start()
        var rest = (Array(wire(service.lines).readableBytesView) + (try builder.finish()))[...]
        while !rest.isEmpty {
            service.duplex.send(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        #expect(try await outcome(serving)?.unpackError != nil)
    }

    @Test func givesUpOnASilentClient() async throws {
        let service = try Service("receive-pack-update.txt")
        let serving = service.start(clockRuns: true)
        service.duplex.send(line("nonsense"))
        #expect(await service.duplex.wait { spelled($0).first?.hasPrefix("ERR ") == true })
        service.duplex.send([1, 2, 3])
        await #expect(throws: ConversationError.self) { try await outcome(serving) }
    }

    @Test func endsAtOnceWithoutAPack() async throws {
        let nothing = try Service("receive-pack-update.txt")
        let serving = nothing.start()
        nothing.duplex.send(.flush)
        #expect(try await outcome(serving) == nil)
        #expect(nothing.duplex.answered.readableBytes == 0)

        let gone = try Service("receive-pack-update.txt")
        gone.duplex.hangUp()
        #expect(try await outcome(gone.start()) == nil)

        let delete = try Service("receive-pack-update.txt")
        let deleting = delete.start()
        let command = "\(sampleID(1)) \(ObjectID.zero) refs/heads/main\0report-status side-band-64k"
        delete.duplex.send(line(command), .flush)
        #expect(try await outcome(deleting)?.refused == 1)
    }

    @Test func refusesACutPack() async throws {
        let service = try Service("receive-pack-update.txt")
        let serving = service.start()
        service.duplex.send(Array(wire(service.lines).readableBytesView) + service.pack.dropLast())
        service.duplex.hangUp()
        #expect(try await outcome(serving)?.unpackError == "pack is truncated")
    }
}
