import GitCore
import NIOCore
import Testing

struct V2RequestParserTests {
    private func parse(
        _ lines: [String],
        limits: GitLimits = .standard,
        features: V2Features = V2Features()
    ) throws -> V2RequestParser.Progress {
        var parser = V2RequestParser(limits: limits, features: features)
        for text in lines { #expect(try parser.receive(text == "0001" ? .delim : line(text)) == .incomplete) }
        return try parser.receive(.flush)
    }

    private func request(_ lines: [String], features: V2Features = V2Features()) throws -> V2Request? {
        guard case .complete(let request) = try parse(lines, features: features) else { return nil }
        return request
    }

    private func fetch(_ arguments: [String]) throws -> FetchRequest {
        guard case .fetch(let fetch)? = try request(["command=fetch", "0001"] + arguments)?.command else {
            Issue.record("no fetch")
            return FetchRequest()
        }
        return fetch
    }

    @Test
    func readsCapabilitiesInAnyOrder() throws {
        let request = try request([
            "agent=git/2.39.5", "object-format=sha1", "server-option=a=b", "command=ls-refs", "server-option=c", "0001",
            "peel",
            "symrefs", "unborn", "ref-prefix HEAD", "ref-prefix refs/heads/",
        ])
        #expect(request?.agent == "git/2.39.5")
        #expect(request?.serverOptions == ["a=b", "c"])
        guard case .lsRefs(let list)? = request?.command else {
            Issue.record("no ls-refs")
            return
        }
        #expect(list.peel && list.symrefs && list.unborn)
        #expect(list.prefixes == [Array("HEAD".utf8), Array("refs/heads/".utf8)])
    }

    @Test
    func argumentsMayBeAbsent() throws {
        #expect(try request(["command=ls-refs"])?.command == .lsRefs(LsRefsRequest()))
        #expect(try request(["command=ls-refs", "0001"])?.command == .lsRefs(LsRefsRequest()))
    }

    @Test
    func readsOneRequestAfterTheOther() throws {
        var parser = V2RequestParser(limits: .standard)
        for _ in 0..<2 {
            #expect(parser.isAtStart)
            #expect(try parser.receive(line("command=ls-refs")) == .incomplete)
            #expect(!parser.isAtStart)
            guard case .complete = try parser.receive(.flush) else {
                Issue.record("no request")
                return
            }
        }
        #expect(try parser.receive(.flush) == .noMoreRequests)
    }

    @Test
    func readsEveryArgumentOfFetch() throws {
        let a = sampleID(1)
        let request = try fetch([
            "thin-pack", "no-progress", "include-tag", "ofs-delta", "deepen-relative", "wait-for-done", "sideband-all",
            "done",
            "want \(a)", "want-ref refs/heads/main", "want-ref HEAD", "have \(a)", "have \(sampleID(2))",
            "shallow \(a)", "deepen 3",
            "filter tree:0",
        ])
        #expect(
            request.thinPack && request.noProgress && request.includeTag && request.ofsDelta && request.deepenRelative
        )
        #expect(request.waitForDone && request.sidebandAll && request.done)
        #expect(request.wants == [a] && request.haves == [a, sampleID(2)] && request.shallows == [a])
        #expect(request.wantRefs.map(\.name) == ["refs/heads/main", "HEAD"])
        #expect(request.deepen == .depth(3) && request.filter == .treeDepth(0) && request.sideBand == .large)
    }

    @Test
    func readsObjectInfo() throws {
        guard
            case .objectInfo(let info)? = try request(["command=object-info", "0001", "size", "oid \(sampleID(1))"])?
                .command
        else {
            Issue.record("no object-info")
            return
        }
        var buffer = ByteBuffer()
        info.writeHeader(into: &buffer)
        info.writeLine(sampleID(1), size: 12, into: &buffer)
        info.writeLine(sampleID(2), size: nil, into: &buffer)
        #expect(spelled(buffer) == ["size", "\(sampleID(1)) 12", "\(sampleID(2)) "])
    }

    @Test(arguments: [
        ["0001"], ["agent=x"], ["command=push"], ["command="], ["command=ls-refs", "command=fetch"],
        ["command=ls-refs", "0001", "0001"],
        ["command=ls-refs", "nonsense"], ["command=ls-refs", "session-id=x"],
        ["command=ls-refs", "object-format=sha256"],
        ["command=ls-refs", "agent=a\u{1b}b"], ["command=ls-refs", "server-option=a\0b"],
        ["command=ls-refs", "0001", "symref"],
        ["command=ls-refs", "server-option=" + String(repeating: "x", count: 257)], ["agent=x", "0001", "peel"],
        ["command=bundle-uri"], ["command=fetch", "0001", "packfile-uris https"], ["command=fetch", "0001", "want x"],
        ["command=fetch", "0001", "want-ref main"],
        ["command=fetch", "0001", "want-ref refs/heads/a", "want-ref refs/heads/a"],
        ["command=fetch", "0001", "deepen 1", "deepen-since 1"], ["command=fetch", "0001", "filter sparse:oid=x"],
        ["command=fetch", "0001", "done "], ["command=fetch", "0001", ""], ["command=object-info", "0001", "type"],
    ])
    func refusesWhatWasNotOffered(_ lines: [String]) {
        #expect {
            try parse(lines)
        } throws: { error in
            (error as? RequestError)?.message.isEmpty == false
        }
    }

    @Test
    func offersAreFeatures() throws {
        var features = V2Features()
        features.sessionID = "server"
        features.refInWant = false
        features.sidebandAll = false
        features.objectInfo = false
        #expect(try request(["command=ls-refs", "session-id=me"], features: features)?.sessionID == "me")
        let refused = [
            ["command=fetch", "0001", "want-ref refs/heads/a"], ["command=fetch", "0001", "sideband-all"],
            ["command=object-info"],
        ]
        for lines in refused {
            #expect(throws: RequestError.self) { try parse(lines, features: features) }
        }
    }

    @Test
    func tooManyPrefixesDropTheFilter() throws {
        var limits = GitLimits.standard
        limits.refPrefixes = 2
        let lines = ["command=ls-refs", "0001"] + (0..<5).map { "ref-prefix refs/heads/\($0)" }
        guard case .complete(let request) = try parse(lines, limits: limits) else { return }
        #expect(request.command == .lsRefs(LsRefsRequest()))
    }

    @Test
    func keepsTheLimits() {
        var limits = GitLimits.standard
        limits.haves = 1
        limits.serverOptions = 1
        let haves = ["command=fetch", "0001", "have \(sampleID(1))", "have \(sampleID(1))"]
        #expect(throws: RequestError.tooMany("have", limit: 1)) { try parse(haves, limits: limits) }
        #expect(throws: RequestError.tooMany("server-option", limit: 1)) {
            try parse(["server-option=a", "server-option=b"], limits: limits)
        }
        limits.uploadRequestBytes = 60
        #expect(throws: RequestError.requestTooLarge(limit: 60)) { try parse(haves, limits: limits) }
    }
}
