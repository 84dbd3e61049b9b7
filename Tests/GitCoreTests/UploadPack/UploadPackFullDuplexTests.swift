import GitCore
import NIOCore
import Testing

/// Fetches over a channel that the client keeps open, as SSH clients do.
@Suite struct UploadPackFullDuplexTests {
    private func server(_ conversation: WireConversation) throws -> (Workshop, UploadPack) {
        let workshop = try RecordedHistory().workshop(conversation)
        let server = UploadPack(
            repository: workshop.repository,
            snapshot: try conversation.snapshot,
            context: testContext,
            isStateless: false
        )
        return (workshop, server)
    }

    /// What no recording of a full-duplex conversation is about, or what needs a feature that is not offered.
    private static let others = ["-http", "-stateless", "-no-done", "want-ref"]

    private static func recordings(_ prefix: String) throws -> [WireConversation] {
        try WireConversation.all(prefix).filter { conversation in
            !others.contains { conversation.name.contains($0) }
        }
    }

    @Test(arguments: try recordings("upload-pack-v0-") + recordings("upload-pack-v1-") + recordings("upload-pack-v2-"))
    func answersTheRecordedClients(_ conversation: WireConversation) async throws {
        let version: GitProtocolVersion = conversation.name.contains("-v2-") ? .v2 : .v0
        let (workshop, server) = try server(conversation)
        defer { withExtendedLifetime(workshop) {} }
        let duplex = Duplex()
        let serving = Task { try await server.serve(version, input: duplex.input, to: duplex) }
        var recorded: [String] = []
        var lastSent = ""
        let lines = try #require(conversation.requests.first).drop { !$0.isFromClient }
        for line in lines {
            guard line.isFromClient else {
                recorded.append(line.text)
                continue
            }
            // A client waits only behind a flush-pkt; the server may answer a line before that or with it.
            if lastSent == "0000" { #expect(await says(recorded, duplex), "\(recorded)") }
            duplex.send(line.packet)
            lastSent = line.text
        }
        #expect(await says(recorded, duplex), "\(recorded) \(spelled(duplex.answered))")
        if version == .v2 { duplex.send(.flush) }
        let outcome = await within(seconds: 120) { await serving.result }
        let summary = try #require(outcome, "the server waits for something").get()
        let isFetch = lines.contains { $0.text.hasPrefix("want") }
        #expect((summary != nil) == isFetch)
    }

    private func says(_ recorded: [String], _ duplex: Duplex) async -> Bool {
        await duplex.wait { acknowledgments($0).starts(with: recorded) }
    }

    @Test(arguments: [GitProtocolVersion.v0, .v1, .v2])
    func endsWithoutARequest(_ version: GitProtocolVersion) async throws {
        let (workshop, server) = try server(WireConversation(name: "upload-pack-v0-clone.txt"))
        defer { withExtendedLifetime(workshop) {} }
        for hangsUp in [false, true] {
            let duplex = Duplex()
            if hangsUp { duplex.hangUp() } else { duplex.send(.flush) }
            let outcome = try await within(seconds: 120) {
                try await server.serve(version, input: duplex.input, to: duplex).map { $0.objects } ?? -1
            }
            #expect(outcome == -1)
            #expect(duplex.answered.readableBytes == 0)
        }
    }

    @Test func takesNoDone() async throws {
        let conversation = try WireConversation(name: "upload-pack-v0-driven-no-done.txt")
        let (workshop, server) = try server(conversation)
        defer { withExtendedLifetime(workshop) {} }
        let request = try #require(conversation.requests.last)
        let duplex = Duplex()
        let serving = Task { try await server.serve(.v0, input: duplex.input, to: duplex) }
        for line in request where line.isFromClient { duplex.send(line.packet) }
        #expect(await says(request.filter { !$0.isFromClient }.map(\.text), duplex))
        #expect(await within(seconds: 120) { await serving.result } != nil)
    }

    /// A client that is gone between two rounds has changed its mind; inside one, something has cut it off.
    @Test func tellsEndsFromCuts() async throws {
        let conversation = try WireConversation(name: "upload-pack-v0-driven-multi.txt")
        let (workshop, server) = try server(conversation)
        defer { withExtendedLifetime(workshop) {} }
        let lines = try #require(conversation.requests.first).filter(\.isFromClient).map(\.packet)
        for count in 1...5 {
            let duplex = Duplex()
            duplex.send(Array(wire(lines.prefix(count)).readableBytesView))
            duplex.hangUp()
            let isCut = lines[count - 1] != .flush
            do {
                #expect(try await server.serve(.v0, input: duplex.input, to: duplex) == nil)
                #expect(!isCut)
            } catch ConversationError.refused {
                #expect(isCut)
            }
        }
    }
}

/// The packets that a recording holds: no side bands, and nothing from the start of a bare pack on.
private func acknowledgments(_ buffer: ByteBuffer) -> [String] {
    spelled(buffer).filter { line in !line.hasPrefix("\u{1}") && !line.hasPrefix("\u{2}") && line != "?" }
}
