import GranaryTesting
import Testing

/// Objects that a force push has left behind: stored for a while, and gone for everybody.
@Suite("What a force push has dropped", .serialized, .sharedServer)
struct LostObjects {
    /// A story whose last commit was dropped, with what was in it.
    private struct Dropped {
        let story: Story
        let work: GitClient
        let commit: String
        let tree: String
        let blob: String

        static func make() async throws -> Dropped {
            let story = try await Story.begin()
            let work = try await story.seeded()
            try await work.commit("secret parent", ["secret.txt": "password\n"])
            let (blob, tree) = try await (work.id("main:secret.txt"), work.id("main^{tree}"))
            let commit = try await work.commit("secret", ["other.txt": "o\n"])
            try await work("push", "origin", "main")
            try await work("reset", "--quiet", "--hard", "main~2")
            try await work("push", "--force", "origin", "main")
            return Dropped(story: story, work: work, commit: commit, tree: tree, blob: blob)
        }
    }

    /// A boundary that the client only claims to have must not open the history behind it.
    @Test func areNotReachedThroughAClaimedBoundary() async throws {
        let dropped = try await Dropped.make()
        let tip = try await dropped.work.id("main")
        var request = PktLines()
        request.line("command=fetch\n")
        request.delimiter()
        for line in ["want \(tip)", "shallow \(dropped.commit)", "deepen 1", "deepen-relative", "ofs-delta", "done"] {
            request.line(line + "\n")
        }
        request.flush()
        let packets = try await Pkt.parse(dropped.story.fetch(request.bytes).body)
        #expect(!packets.contains { $0.text.contains("unshallow") })
        // Band 1 starts with the pack's header, whose last four bytes count the objects: those of the tip alone.
        let start = packets.compactMap { packet -> [UInt8]? in
            guard case .data(let bytes) = packet, bytes.starts(with: [1] + Array("PACK".utf8)) else { return nil }
            return bytes
        }.first
        let count = try #require(start)[9..<13].reduce(0) { $0 << 8 | Int($1) }
        let listed = try await dropped.work("rev-list", "--objects", "--max-count=1", "main")
        #expect(count == listed.split(separator: "\n").count)
    }

    @Test func areNotConfirmedAsCommon() async throws {
        let dropped = try await Dropped.make()
        let tip = try await dropped.work.id("main")
        var request = PktLines()
        request.line("command=fetch\n")
        request.delimiter()
        for line in ["want \(tip)", "have \(dropped.commit)", "have \(dropped.blob)"] { request.line(line + "\n") }
        request.flush()
        let lines = try await Pkt.parse(dropped.story.fetch(request.bytes).body).map(\.text)
        #expect(lines.contains { $0.hasPrefix("NAK") }, "\(lines)")
        #expect(!lines.contains { $0.hasPrefix("ACK") }, "\(lines)")
    }

    @Test func cannotBeBuiltUpon() async throws {
        let dropped = try await Dropped.make()
        let before = try await dropped.story.remoteRefs()
        let tree = GitObject.tree("100644", "found.txt", bytes(ofHex: dropped.blob))
        let ground = try await HostileGround(dropped.work)
        let byTree = GitObject.commit(tree: try tree.hex)
        let byParent = GitObject.commit(tree: hex(ground.tree), parents: [dropped.commit])
        for (objects, tip) in [([tree, byTree], byTree), ([byParent], byParent)] {
            let report = try await dropped.story.push(
                PushRequest(creating: "refs/heads/found", at: try tip.hex, pack: try HostilePack(objects).bytes)
            )
            #expect(report.isRefusal, "\(report)")
        }
        try await dropped.story.expectUnchanged(since: before)
    }

    /// A delta on a dropped blob would tell its bytes by what the server says about the result.
    @Test func cannotBeTheBaseOfADelta() async throws {
        let dropped = try await Dropped.make()
        var delta = HandMadeDelta(source: 9, target: 1)
        delta.copy(offset: 0, size: 1)
        var pack = HostilePack()
        pack.addRefDelta(base: bytes(ofHex: dropped.blob), delta: delta.bytes)
        let report = try await dropped.story.push(
            PushRequest(creating: "refs/heads/x", at: try await dropped.work.id("main"), pack: try pack.bytes)
        )
        #expect(report.isRefusal && report.reason.contains("missing"), "\(report)")
    }

    @Test func arePublishedByNoUpdateThatChangesNothing() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let hidden = GitObject(.blob, Array("hidden\n".utf8))
        let push = PushRequest([.init(tip, tip, "refs/heads/main")], pack: try HostilePack([hidden]).bytes)
        _ = try await story.push(push)
        let reader = try await story.git().newRepository("reader")
        #expect(try await reader.attempt("fetch", story.url(), try hidden.hex).status != 0)
        #expect(story.server.leftovers(of: story.repository).isEmpty)
    }
}
