import GitCore
import NIOCore
import Testing

struct NegotiationTests {
    @Test(arguments: try WireConversation.all("upload-pack-v0-") + WireConversation.all("upload-pack-v1-"))
    func answersAsGitDoes(_ conversation: WireConversation) throws {
        for request in conversation.requests {
            var replay = UploadPackReplay(conversation: conversation)
            try replay.run(request)
        }
    }

    @Test
    func singleAcknowledgesOnce() {
        var negotiation = Negotiation(mode: .single, noDone: false, isStateless: false)
        var buffer = ByteBuffer()
        for number in 1...2 as ClosedRange<UInt8> {
            _ = negotiation.receive(.have(sampleID(number), isCommon: true), isReady: false, into: &buffer)
        }
        #expect(negotiation.receive(.flush, isReady: false, into: &buffer) == .readMore)
        #expect(negotiation.receive(.done, isReady: false, into: &buffer) == .sendPack)
        #expect(spelled(buffer) == ["ACK \(sampleID(1))"])
    }

    @Test
    func noDoneWithoutDetailsMeansNothing() {
        var negotiation = Negotiation(mode: .multi, noDone: true, isStateless: true)
        var buffer = ByteBuffer()
        _ = negotiation.receive(.have(sampleID(1), isCommon: true), isReady: false, into: &buffer)
        _ = negotiation.receive(.have(sampleID(2), isCommon: false), isReady: true, into: &buffer)
        #expect(negotiation.receive(.flush, isReady: false, into: &buffer) == .endResponse)
    }
}

/// Plays the client's lines of a recording and compares every answer of ours with the recorded one.
private struct UploadPackReplay {
    let conversation: WireConversation
    private var parser = UploadRequestParser(limits: .standard)
    private var request: FetchRequest?
    private var negotiation: Negotiation?
    private var common: [ObjectID] = []
    private var written: [String] = []
    private var isStateless: Bool
    private var isFinished = false

    init(conversation: WireConversation) {
        self.conversation = conversation
        isStateless = conversation.requests.count > 1 || conversation.name.contains("no-done")
    }

    mutating func run(_ lines: [WireConversation.Line]) throws {
        let exchange = lines.drop { !$0.isFromClient }
        for line in exchange where line.isFromClient { try receive(line.packet) }
        // The recordings end after the last acknowledgment; shallow lines are computed by the engine.
        let recorded = exchange.filter { !$0.isFromClient }.map(\.text).filter {
            $0.hasPrefix("ACK") || $0 == "NAK"
        }
        #expect(written == recorded)
        let isAnswered = exchange.contains { $0.text == "done" } || written.last.map { isFinal($0) } == true
        #expect(isFinished == isAnswered)
    }

    private func isFinal(_ line: String) -> Bool {
        line.hasPrefix("ACK") && line.split(separator: " ").count == 2 && negotiation?.lastCommon != nil
            && request?.noDone == true
    }

    private mutating func receive(_ packet: PktLine) throws {
        guard negotiation != nil else {
            if case .complete(let request, _) = try parser.receive(packet) {
                self.request = request
                negotiation = Negotiation(for: request, isStateless: isStateless)
            }
            return
        }
        switch try HaveLine(reading: packet) {
        case .have(let oid):
            if conversation.has(oid) { common.append(oid) }
            answer(.have(oid, isCommon: conversation.has(oid)))
        case .flush: answer(.flush)
        case .done: answer(.done)
        }
    }

    private mutating func answer(_ event: Negotiation.Event) {
        guard var negotiation, let request else { return }
        let isReady =
            negotiation.needsReadiness(for: event) && conversation.isReady(wants: request.wants, common: common)
        var buffer = ByteBuffer()
        let action = negotiation.receive(event, isReady: isReady, into: &buffer)
        self.negotiation = negotiation
        written += spelled(buffer)
        if action == .sendPack { isFinished = true }
    }
}
