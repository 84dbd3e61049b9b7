import GitCore
import NIOCore
import Testing

struct V2ConversationTests {
    /// Every request of every recording is read, and answered with the recorded refs and acknowledgments.
    @Test(arguments: try WireConversation.all("upload-pack-v2-"))
    func answersAsGitDoes(_ conversation: WireConversation) throws {
        var count = 0
        for request in conversation.requests {
            var parser = V2RequestParser(limits: .standard)
            var lines = request[...]
            while let client = lines.firstIndex(where: \.isFromClient) {
                lines = lines[client...]
                let asked = lines.prefix { $0.isFromClient }
                lines = lines.dropFirst(asked.count)
                let answer = lines.prefix { !$0.isFromClient }.map(\.text)
                for packet in asked.map(\.packet) {
                    guard case .complete(let request) = try parser.receive(packet) else { continue }
                    try check(request.command, answer, conversation)
                    count += 1
                }
            }
        }
        #expect(count > 0)
    }

    private func check(_ command: V2Command, _ answer: [String], _ conversation: WireConversation) throws {
        switch command {
        case .lsRefs(let request):
            #expect(try request.response(from: conversation.snapshot).flatMap { spelled($0) } == answer)
        case .fetch(let request):
            try checkOpening(of: request, answer, conversation)
        case .objectInfo:
            Issue.record("no client asks for object-info")
        }
    }

    private func checkOpening(of request: FetchRequest, _ answer: [String], _ conversation: WireConversation) throws {
        let negotiation = V2Negotiation(for: request)
        let common = request.haves.filter(conversation.has)
        switch negotiation.opening {
        case .nothing:
            #expect(answer == ["0000"])
        case .pack:
            #expect(answer.first != "acknowledgments")
        case .acknowledge:
            let snapshot = try conversation.snapshot
            let wants =
                request.wants
                + request.wantRefs.compactMap { wanted in
                    switch wanted {
                    case .head: snapshot.head?.oid
                    case .ref(let name): snapshot.ref(named: name)?.oid
                    }
                }
            var buffer = ByteBuffer()
            let isReady = negotiation.needsReadiness && conversation.isReady(wants: wants, common: common)
            let goesOn = negotiation.writeAcknowledgments(common: common, isReady: isReady, into: &buffer)
            let ours = spelled(buffer)
            #expect(ours == Array(answer.prefix(ours.count)))
            #expect(goesOn == (answer.count > ours.count))
        }
    }
}

struct V2NegotiationTests {
    private func request(_ change: (inout FetchRequest) -> Void) -> FetchRequest {
        var request = FetchRequest()
        change(&request)
        return request
    }

    @Test
    func opensAsTheProtocolSays() throws {
        let a = sampleID(1)
        let main = try RefName(validating: Array("refs/heads/main".utf8))
        let cases: [(FetchRequest, V2Negotiation.Opening)] = [
            (request { _ in }, .nothing), (request { $0.haves = [a] }, .nothing), (request { $0.wants = [a] }, .pack),
            (
                request {
                    $0.wants = [a]; $0.done = true; $0.haves = [a]
                }, .pack
            ), (request { $0.wantRefs = [.ref(main)] }, .pack),
            (
                request {
                    $0.wants = [a]; $0.haves = [a]
                }, .acknowledge
            ),
            (
                request {
                    $0.wants = [a]; $0.waitForDone = true
                }, .acknowledge
            ),
            (
                request {
                    $0.haves = [a]; $0.waitForDone = true
                }, .acknowledge
            ),
            (
                request {
                    $0.haves = [a]; $0.waitForDone = true; $0.done = true
                }, .nothing
            ),
        ]
        for (request, opening) in cases { #expect(V2Negotiation(for: request).opening == opening) }
    }

    @Test
    func waitForDoneIsNeverReady() {
        let request = request {
            $0.wants = [sampleID(1)]; $0.haves = [sampleID(2)]; $0.waitForDone = true
        }
        let negotiation = V2Negotiation(for: request)
        var buffer = ByteBuffer()
        #expect(!negotiation.needsReadiness)
        #expect(!negotiation.writeAcknowledgments(common: [sampleID(2)], isReady: true, into: &buffer))
        #expect(spelled(buffer) == ["acknowledgments", "ACK \(sampleID(2))", "0000"])
    }

    @Test
    func sidebandAllPutsABandInFrontOfEveryLine() {
        let request = request {
            $0.wants = [sampleID(1)]; $0.haves = [sampleID(2)]; $0.sidebandAll = true
        }
        var buffer = ByteBuffer()
        #expect(V2Negotiation(for: request).writeAcknowledgments(common: [], isReady: true, into: &buffer))
        ShallowUpdate(shallow: [sampleID(3)], unshallow: [sampleID(4)]).writeSection(into: &buffer, sidebandAll: true)
        #expect(
            spelled(buffer) == [
                "\u{1}acknowledgments", "\u{1}NAK", "\u{1}ready", "0001", "\u{1}shallow-info",
                "\u{1}shallow \(sampleID(3))",
                "\u{1}unshallow \(sampleID(4))",
            ]
        )
    }

    @Test
    func shallowUpdatesOfOlderVersionsEndWithFlush() {
        var buffer = ByteBuffer()
        ShallowUpdate(shallow: [sampleID(3)]).write(into: &buffer)
        #expect(spelled(buffer) == ["shallow \(sampleID(3))", "0000"])
    }
}
