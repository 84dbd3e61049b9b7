import GranaryTesting
import Testing

@Suite("Malformed requests are refused", .serialized, .sharedServer)
struct HostileRequests {
    private static let zero = String(repeating: "0", count: 40)
    private static let one = String(repeating: "1", count: 40)

    /// Raw bodies that are no conversation.
    private static let broken = [
        "zzzz", "0003", "0001", "0002", "fff1" + String(repeating: "x", count: 100), "ffff", "00", "0", "-001", "+004",
        "0010abc", "0032", "0005", "0004", "0004000400040004", "\0\0\0\0", "GET / HTTP/1.1\r\n\r\n",
        String(repeating: "0009hello", count: 10_000), "0000" + String(repeating: "0000", count: 1_000),
    ]

    @Test(arguments: broken, [0, 1, 2])
    func brokenFraming(body: String, version: Int) async throws {
        let story = try await Story.common().story
        let before = try await story.remoteRefs()
        let fetch = try await story.fetch(Array(body.utf8), version: version)
        #expect(fetch.status == 200 || (400..<500).contains(fetch.status), "\(fetch)")
        let packets = Pkt.parse(fetch.body).map(\.text)
        #expect(!packets.contains { $0.hasPrefix("\u{1}PACK") }, "\(fetch)")
        if version == 2 {
            let push = try await story.server.curl(
                "POST",
                story.repository.path + "/git-receive-pack",
                headers: ["Content-Type: application/x-git-receive-pack-request", story.owner.basic],
                body: Array(body.utf8)
            )
            #expect(push.status == 200 || (400..<500).contains(push.status), "\(push)")
            #expect(PushReport(push).accepted.isEmpty, "\(push)")
        }
        try await story.expectUnchanged(since: before)
    }

    /// Lines of a v2 request that has to end in an error.
    private static let badV2: [[String]] = [
        ["command=nothing"], ["command=fetch", "command=ls-refs"], ["nothing=1"],
        ["command=ls-refs", "unknown-capability"],
        ["command=ls-refs", "object-format=sha256", "|"], ["command=fetch", "|", "want xyz", "done"],
        ["command=fetch", "|", "want \(one) extra", "done"], ["command=fetch", "|", "want \(one)", "done"],
        ["command=fetch", "|", "want refs/heads/main", "done"], ["command=fetch", "|", "frobnicate", "done"],
        ["command=fetch", "|", "want TIP", "deepen -1", "done"],
        ["command=fetch", "|", "want TIP", "deepen x", "done"],
        ["command=fetch", "|", "want TIP", "deepen 99999999999999999999", "done"],
        ["command=fetch", "|", "want TIP", "deepen-since soon", "done"],
        ["command=fetch", "|", "want TIP", "deepen-not nowhere", "done"],
        ["command=fetch", "|", "want TIP", "deepen 1", "deepen-since 1", "done"],
        ["command=fetch", "|", "want TIP", "shallow nonsense", "done"],
        ["command=fetch", "|", "want TIP", "have nonsense", "done"],
        ["command=fetch", "|", "want TIP", "filter sparse:oid=main", "done"],
    ]

    @Test(arguments: badV2)
    func badCommandsOfVersion2(lines: [String]) async throws {
        let (story, work) = try await Story.common()
        let tip = try await work.id("main")
        var request = PktLines()
        for line in lines {
            if line == "|" {
                request.delimiter()
            } else {
                request.line((line == "want TIP" ? "want \(tip)" : line) + "\n")
            }
        }
        request.flush()
        let answer = try await story.fetch(request.bytes)
        let refused =
            Pkt.parse(answer.body).contains { $0.text.hasPrefix("ERR ") } || (400..<500).contains(answer.status)
        #expect(refused, "\(lines): \(answer)")
        #expect(story.server.isRunning)
    }

    @Test func badLinesOfVersions0And1() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let bodies = [
            ["want xyz"], ["want \(Self.one)"], ["want \(tip) no-such-capability-is-fatal", "have xyz"],
            ["have \(tip)"],
            ["want \(tip)", "deepen x"], ["want \(tip)", "deepen-not nowhere"], ["want \(tip)", "filter blob:maybe"],
            ["want \(tip)", "shallow x"], ["wat \(tip)"],
        ]
        for version in [0, 1] {
            for lines in bodies {
                var request = PktLines()
                for line in lines { request.line(line + "\n") }
                request.flush()
                request.line("done\n")
                let answer = try await story.fetch(request.bytes, version: version)
                let packets = Pkt.parse(answer.body)
                #expect(answer.status < 500)
                #expect(
                    !packets.contains { $0.text.hasPrefix("PACK") || $0.text.hasPrefix("\u{1}PACK") }
                        || lines.count == 2,
                    "\(lines)"
                )
            }
        }
        #expect(story.server.isRunning)
    }

    /// Names that no ref may have, as bytes.
    private static let badRefs: [[UInt8]] =
        [
            "", "refs", "refs/", "refs/x", "HEAD", "main", "heads/main", "/refs/heads/a", "refs//heads/a",
            "refs/heads/", "refs/heads/a/",
            "refs/heads/.a", "refs/heads/a/.b", "refs/heads/a.lock", "refs/heads/a.lock/b", "refs/heads/a..b",
            "refs/heads/a@{b",
            "refs/heads/a b", "refs/heads/a~1", "refs/heads/a^", "refs/heads/a:b", "refs/heads/a?", "refs/heads/a*",
            "refs/heads/a[b",
            "refs/heads/a\\b", "refs/heads/a.", "refs/heads/a\u{7f}", "refs/heads/a\u{1}", "refs/heads/a\tb",
            "refs/heads/\u{1b}[31m",
            "refs/heads/-a", "refs/heads/a/--upload-pack=x", "-refs/heads/a", "../refs/heads/a",
            "refs/heads/../../config",
            "refs/heads/HEAD", "refs/heads/\(one)", "refs/heads/" + String(repeating: "ab", count: 32),
            "refs/heads/" + String(repeating: "x", count: 256), "refs/heads" + String(repeating: "/d", count: 40),
            "refs/heads/" + String(repeating: "y/", count: 520) + "z",
        ].map { Array($0.utf8) } + [
            Array("refs/heads/".utf8) + [0xff, 0xfe], Array("refs/heads/".utf8) + [0xc0, 0xae],
            Array("refs/heads/a".utf8) + [10] + Array("b".utf8),
        ]

    @Test(arguments: badRefs)
    func invalidRefName(name: [UInt8]) async throws {
        let (story, work) = try await Story.common()
        let tip = try await work.id("main")
        let before = try await story.remoteRefs()
        let empty = try HostilePack().bytes
        let report = try await story.push(PushRequest([.init(Self.zero, tip, name)], pack: empty))
        #expect(report.isRefusal, "\(report)")
        #expect(!report.answer.body.contains(0x1b), "escape sequences are echoed")
        // Deleting by such a name does no harm either.
        _ = try await story.push(PushRequest([.init(tip, Self.zero, name)], pack: []))
        try await story.expectUnchanged(since: before)
    }

    @Test func commandsThatContradictEachOther() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let (tip, older) = try await (work.id("main"), work.id("main~1"))
        let empty = try HostilePack().bytes
        let twice = PushRequest(
            [.init(tip, older, "refs/heads/main"), .init(older, tip, "refs/heads/main")],
            pack: empty
        )
        #expect(try await story.push(twice).isRefusal)
        let both = PushRequest(
            [.init(Self.zero, tip, "refs/heads/x"), .init(tip, Self.zero, "refs/heads/x")],
            pack: empty
        )
        #expect(try await story.push(both).isRefusal)
        var nothing = PushRequest([.init(Self.zero, Self.zero, "refs/heads/x")], pack: [])
        nothing.capabilities = "report-status"
        _ = try await story.push(nothing)
        try await story.expectUnchanged(since: before)
    }

    @Test func commandsThatAreNone() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let before = try await story.remoteRefs()
        let lines = [
            "", "hello", Self.zero, "\(Self.zero) \(tip)", "\(Self.zero)  \(tip) refs/heads/x",
            "\(tip.uppercased()) x refs/heads/x",
            "\(Self.zero) \(tip.dropLast()) refs/heads/x", "\(Self.zero) \(tip)x refs/heads/x",
            "push-cert\0report-status",
        ]
        for line in lines {
            var request = PktLines()
            request.line(line + "\0report-status")
            request.flush()
            request.raw(try HostilePack().bytes)
            let answer = try await story.server.curl(
                "POST",
                story.repository.path + "/git-receive-pack",
                headers: ["Content-Type: application/x-git-receive-pack-request", story.owner.basic],
                body: request.bytes
            )
            #expect(PushReport(answer).accepted.isEmpty && answer.status < 500, "\(line): \(answer)")
            try await story.expectUnchanged(since: before)
        }
    }

    @Test func sha256IsRefusedClearly() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let before = try await story.remoteRefs()
        let git = try story.git()
        try await git("init", "--quiet", "--object-format=sha256", "new")
        let work = git.at("new")
        try await work.commit("first", ["a": "1\n"])
        let result = try await work.attempt("push", story.url(), "main:refs/heads/new")
        #expect(!result.succeeded && !result.timedOut, "\(result)")
        for format in ["sha256", "nonsense"] {
            var request = PushRequest(creating: "refs/heads/x", at: tip, pack: try HostilePack().bytes)
            request.capabilities = "report-status object-format=\(format)"
            let report = try await story.push(request)
            #expect(report.isRefusal && report.reason.contains(format), "\(report)")
        }
        try await story.expectUnchanged(since: before)
    }
}
