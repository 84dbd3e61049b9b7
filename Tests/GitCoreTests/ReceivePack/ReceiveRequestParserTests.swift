import GitCore
import NIOCore
import Testing

struct ReceiveRequestParserTests {
    private let zero = ObjectID.zero
    private let a = sampleID(1)
    private let b = sampleID(2)

    private func parse(_ packets: [PktLine], limits: GitLimits = .standard) throws -> ReceiveRequestParser.Progress {
        var parser = ReceiveRequestParser(limits: limits)
        var progress = ReceiveRequestParser.Progress.incomplete
        for packet in packets { progress = try parser.receive(packet) }
        return progress
    }

    private func request(_ lines: String...) throws -> ReceiveRequest {
        guard case .complete(let request) = try parse(lines.map(line) + [.flush]) else {
            throw RequestError.missingCommand
        }
        return request
    }

    @Test(arguments: try WireConversation.all("receive-pack-"))
    func readsRecordedPushes(_ conversation: WireConversation) throws {
        let packets = conversation.requests[0].filter(\.isFromClient).filter { $0.text != "PACK" }.map(\.packet)
        guard case .complete(let request) = try parse(packets) else {
            Issue.record("no request")
            return
        }
        #expect(request.commands.allSatisfy { $0.name != nil })
        #expect(request.reportStatus && request.reportStatusV2 && request.sideBand == .large)
        #expect(request.capabilities.agent?.hasPrefix("git/") == true)
        #expect(request.expectsPack == !conversation.name.contains("delete"))
        #expect(request.atomic == conversation.name.contains("atomic"))
        #expect(request.pushOptions == (conversation.name.contains("options") ? ["ci.skip", "title=a b"] : []))
        #expect(request.shallows.isEmpty == !conversation.name.contains("shallow"))
    }

    @Test
    func tellsCommandsApart() throws {
        let request = try request(
            "\(zero) \(a) refs/heads/new\0report-status",
            "\(a) \(b) refs/heads/main",
            "\(a) \(zero) refs/heads/-old"
        )
        #expect(request.commands.map(\.kind) == [.create, .update, .delete])
        #expect(request.commands.map(\.name?.string) == ["refs/heads/new", "refs/heads/main", "refs/heads/-old"])
        #expect(request.reportStatus && !request.reportStatusV2 && request.sideBand == .none && !request.quiet)
    }

    @Test
    func capabilitiesMayBeAbsent() throws {
        #expect(try request("\(zero) \(a) refs/heads/new").capabilities.items.isEmpty)
    }

    @Test
    func invalidNamesFailAlone() throws {
        let request = try request("\(zero) \(a) refs/heads/a..b\0 atomic", "\(zero) \(a) refs/heads/ok")
        #expect(request.commands[0].target == .invalid(.forbiddenSequence("..")))
        #expect(request.commands[0].rawName == Array("refs/heads/a..b".utf8))
        #expect(request.commands[1].name?.string == "refs/heads/ok")
        let spaced = try self.request("\(zero) \(a) refs/heads/a b", "\(zero) \(a) refs/heads/x\0y")
        #expect(spaced.commands.map(\.target) == [.invalid(.forbiddenByte(0x20)), .invalid(.forbiddenByte(0))])
    }

    @Test
    func anImmediateFlushDoesNothing() throws {
        #expect(try parse([.flush]) == .nothingToDo)
        #expect(try parse([line("shallow \(a)"), .flush]) == .nothingToDo)
    }

    private static let senseless: [[String]] = [
        ["x"], [""], ["\(sampleID(1)) \(sampleID(2))"], ["\(sampleID(1)) \(sampleID(2)) "],
        ["\(sampleID(1))  refs/heads/a"],
        ["abc \(sampleID(2)) refs/heads/a"], ["shallow x"], ["push-cert\0 atomic"],
        ["\(sampleID(1)) \(sampleID(2)) refs/heads/a\0object-format=sha256"],
        ["\(sampleID(1)) \(sampleID(2)) refs/heads/a\0\u{1b}"],
        ["\(sampleID(1)) \(sampleID(2)) refs/heads/a", "\(sampleID(1)) \(sampleID(3)) refs/heads/a"],
        ["\(sampleID(1)) \(sampleID(2)) refs/heads/" + String(repeating: "a/", count: 600)],
        // 64 digits: an id of another hash algorithm.
        [String(repeating: "a", count: 64) + " " + String(repeating: "b", count: 64) + " refs/heads/a"],
    ]

    @Test(arguments: senseless)
    func refusesWhatMakesNoSense(_ lines: [String]) {
        #expect {
            try parse(lines.map(line) + [.flush])
        } throws: { error in
            (error as? RequestError)?.message.isEmpty == false
        }
    }

    @Test
    func keepsTheLimits() {
        var limits = GitLimits.standard
        limits.commandsPerPush = 1
        limits.shallows = 0
        limits.pushOptions = 1
        limits.pushOptionBytes = 4
        let first = line("\(zero) \(a) refs/heads/a\0push-options")
        let cases: [([PktLine], RequestError)] = [
            ([first, line("\(zero) \(a) refs/heads/b")], .tooMany("command", limit: 1)),
            ([line("shallow \(a)")], .tooMany("shallow", limit: 0)),
            ([first, .flush, line("a"), line("b")], .tooMany("push-option", limit: 1)),
            ([first, .flush, line("abcde")], .argumentTooLong("push option", limit: 4)),
            ([first, .flush, line("a\0b")], .unexpectedLine("ab")),
            ([first, .delim], .unexpectedPacket(.delim)),
        ]
        for (packets, error) in cases {
            #expect(throws: error) { try parse(packets, limits: limits) }
        }
    }
}

struct ReportStatusTests {
    private func lines(_ report: ReportStatus, version2: Bool) -> [String] {
        var buffer = ByteBuffer()
        report.write(into: &buffer, version2: version2)
        return spelled(buffer)
    }

    @Test
    func writesOutcomesAndOptions() throws {
        let other = try RefName(validating: Array("refs/heads/b".utf8))
        let rewritten = ReportStatus.RewrittenUpdate(name: other, old: sampleID(1), new: sampleID(2), isForced: true)
        let report = ReportStatus(results: [
            .init(rawName: Array("refs/heads/a".utf8), outcome: .ok(rewritten)),
            .init(rawName: Array("refs/heads/c".utf8), outcome: .ok(nil)),
            .init(rawName: Array("refs/heads/d".utf8), outcome: .ng("non-fast-forward")),
        ])
        let plain = ["unpack ok", "ok refs/heads/a", "ok refs/heads/c", "ng refs/heads/d non-fast-forward", "0000"]
        #expect(lines(report, version2: false) == plain)
        let options = [
            "option refname refs/heads/b", "option old-oid \(sampleID(1))", "option new-oid \(sampleID(2))",
            "option forced-update",
        ]
        #expect(lines(report, version2: true) == plain[0..<2] + options + plain[2...])
    }

    @Test
    func aRefusedPackFailsEveryCommand() {
        let command = ReceiveCommand(old: .zero, new: sampleID(1), rawName: Array("refs/heads/a".utf8))
        let report = ReportStatus(unpackError: "bad\n\u{1b}pack", commands: [command])
        #expect(lines(report, version2: true) == ["unpack bad pack", "ng refs/heads/a unpacker error", "0000"])
    }

    @Test
    func reasonsAreBoundedLinesAndNeverReadAsSuccess() {
        let long = ReportStatus(results: [
            .init(rawName: Array("r\u{1b}\n".utf8), outcome: .ng(String(repeating: "x", count: 999)))
        ])
        #expect(lines(long, version2: false)[1] == "ng r " + String(repeating: "x", count: 512))
        #expect(lines(ReportStatus(unpackError: "ok", commands: []), version2: false)[0] == "unpack failed")
        let empty = ReportStatus(results: [.init(rawName: Array("r".utf8), outcome: .ng(""))])
        #expect(lines(empty, version2: false)[1] == "ng r failed")
    }
}
