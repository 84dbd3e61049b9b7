import GitCore
import NIOCore
import Testing

struct UploadRequestParserTests {
    private let a = sampleID(1)
    private let b = sampleID(2)

    private func parse(_ lines: [String], limits: GitLimits = .standard) throws -> UploadRequestParser.Progress {
        var parser = UploadRequestParser(limits: limits)
        for text in lines { #expect(try parser.receive(line(text)) == .incomplete) }
        return try parser.receive(.flush)
    }

    private func request(_ lines: [String]) throws -> FetchRequest {
        guard case .complete(let request, _) = try parse(lines) else {
            Issue.record("no request")
            return FetchRequest()
        }
        return request
    }

    @Test
    func readsAllLines() throws {
        let request = try request([
            "want \(a) multi_ack_detailed no-done side-band-64k thin-pack no-progress include-tag ofs-delta filter agent=x",
            "want \(b)", "want \(a)", "shallow \(b)", "deepen-since 1700000000", "deepen-not refs/heads/old",
            "deepen-not v1",
            "filter blob:none",
        ])
        #expect(request.wants == [a, b])
        #expect(request.shallows == [b])
        #expect(request.deepen == .boundary(since: 1_700_000_000, not: spellings("refs/heads/old", "v1")))
        #expect(request.filter == .blobNone)
        #expect(request.ackMode == .detailed && request.noDone && request.sideBand == .large)
        #expect(
            request.thinPack && request.noProgress && request.includeTag && request.ofsDelta && !request.deepenRelative
        )
    }

    private func spellings(_ texts: String...) -> [RefSpelling] {
        texts.compactMap { RefSpelling($0.utf8) }
    }

    @Test
    func nothingIsAskedForWithoutCapabilities() throws {
        let request = try request(["want \(a)"])
        #expect(request.ackMode == .single && request.sideBand == .none && request.deepen == nil)
        #expect(try self.request(["want \(a) multi_ack side-band"]).ackMode == .multi)
        #expect(try self.request(["want \(a) multi_ack side-band"]).sideBand == .small)
    }

    @Test
    func anImmediateFlushWantsNothing() throws {
        #expect(try parse([]) == .nothingWanted)
        #expect(UploadRequestParser(limits: .standard).isAtStart)
    }

    private static let depths: [(String, Deepen?)] = [
        ("1", Deepen.depth(1)), ("2147483647", .depth(Deepen.infiniteDepth)),
        ("2147483648", .depth(Deepen.infiniteDepth)), ("9223372036854775807", .depth(Deepen.infiniteDepth)),
    ]

    @Test(arguments: depths)
    func readsDepths(_ digits: String, _ deepen: Deepen?) throws {
        #expect(try request(["want \(a)", "deepen \(digits)"]).deepen == deepen)
    }

    private static let unknown: [[String]] = [
        ["want 123"], ["want"], ["wants \(sampleID(1))"], ["want \(sampleID(1))x"], ["have \(sampleID(1))"], [""],
        ["want \(sampleID(1)) a", "want \(sampleID(2)) b"], ["want \(sampleID(1))", "deepen -1"],
        ["want \(sampleID(1))", "deepen 0"], ["want \(sampleID(1))", "deepen x"], ["want \(sampleID(1))", "deepen "],
        ["want \(sampleID(1))", "shallow x"],
        ["want \(sampleID(1))", "deepen 99999999999999999999"], ["want \(sampleID(1))", "deepen-not "],
        ["want \(sampleID(1))", "filter blob:none"], ["want \(sampleID(1)) filter", "filter sparse:oid=x"],
        ["want \(sampleID(1)) filter", "filter blob:none", "filter tree:1"],
        ["want \(sampleID(1)) object-format=sha256"], ["want \(sampleID(1)) a\u{1}"],
        ["want \(sampleID(1))", "deepen 1", "deepen-since 5"], ["want \(sampleID(1))", "deepen 1", "deepen-not main"],
    ]

    @Test(arguments: unknown)
    func refusesWhatTheProtocolDoesNotKnow(_ lines: [String]) {
        #expect {
            try parse(lines)
        } throws: { error in
            (error as? RequestError)?.message.isEmpty == false
        }
    }

    @Test
    func keepsTheLimits() {
        var limits = GitLimits.standard
        limits.wants = 1
        limits.shallows = 1
        #expect(throws: RequestError.tooMany("want", limit: 1)) {
            try parse(["want \(a)", "want \(b)"], limits: limits)
        }
        #expect(throws: RequestError.tooMany("shallow", limit: 1)) {
            try parse(["want \(a)", "shallow \(b)", "shallow \(b)"], limits: limits)
        }
        limits.uploadRequestBytes = 100
        #expect(throws: RequestError.requestTooLarge(limit: 100)) {
            try parse(["want \(a)", "want \(a)", "want \(a)"], limits: limits)
        }
    }

    @Test
    func refusesSpecialPacketsOfVersion2() {
        var parser = UploadRequestParser(limits: .standard)
        #expect(throws: RequestError.unexpectedPacket(.delim)) { try parser.receive(.delim) }
        #expect(throws: RequestError.unexpectedPacket(.delim)) { try HaveLine(reading: .delim) }
    }

    @Test
    func readsHaveLines() throws {
        #expect(try HaveLine(reading: line("have \(a)")) == .have(a))
        #expect(try HaveLine(reading: .data(ByteBuffer(string: "done"))) == .done)
        #expect(try HaveLine(reading: .flush) == .flush)
        for text in ["have", "have x", "done ", "want \(a)", ""] {
            #expect(throws: RequestError.self) { try HaveLine(reading: line(text)) }
        }
    }
}
