import Foundation
import GranaryTesting
import Testing

/// One test for each numbered rule of the transport specification's security section that this much of Granary can break.
///
/// The rules about SSH (1, 4, 17 in part, 31), LFS (21, 22), mirrors (29) and archives (27) come with those features.
@Suite("Rules learnt from others' vulnerabilities", .serialized, .sharedServer)
struct SecurityRules {
    private static let zero = String(repeating: "0", count: 40)

    private func refused(_ story: Story, _ name: String, at tip: String) async throws {
        let report = try await story.push(PushRequest(creating: name, at: tip, pack: try HostilePack().bytes))
        #expect(report.isRefusal, "\(name): \(report)")
    }

    @Test("rules 2 and 3: names that look like options are refused for reading, writing and deleting")
    func optionLikeNames() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let before = try await story.remoteRefs()
        for name in ["refs/heads/-h", "refs/tags/--upload-pack=touch", "refs/heads/ok/-x"] {
            try await refused(story, name, at: tip)
            let deletion = try await story.push(PushRequest([.init(tip, Self.zero, name)], pack: []))
            #expect(deletion.answer.status < 500)
        }
        for name in ["-h", "--version"] {
            #expect(try await story.server.run(["repo", "create", "model/alice/\(name)"]).status == 2)
            #expect(try await story.server.run(["user", "add", "--", name]).status == 2)
        }
        try await story.expectUnchanged(since: before)
    }

    @Test("rule 5: names of owners and repositories never become paths")
    func namesAreNotPaths() async throws {
        let server = try SharedServer.running.server
        let token = try SharedServer.running.alice.secret
        let names = [
            "..", ".", "a/../b", "%2e%2e", "a\0b", "a\nb", "...", "x.git", "x.lock", "é", "a b", "", "api", "healthz",
        ]
        for name in names where name != "api" && name != "healthz" {
            let answer = try await server.curl.json("POST", "/api/repos/create", ["name": name], token: token)
            #expect((400..<500).contains(answer.status), "\(name.debugDescription): \(answer)")
        }
        for name in names where !name.contains("\0") {
            #expect(try await server.run(["user", "add", "--", name]).status == 2, "\(name.debugDescription)")
        }
        let story = try await Story.begin()
        #expect(
            !story.repository.storedPath.contains("alice")
                && !story.repository.storedPath.contains(story.repository.name)
        )
    }

    @Test("rule 6: a push cannot place anything into .git or behind a symbolic link")
    func nothingReachesTheRepositoryDirectory() async throws {
        let story = try await Story.begin()
        let ground = try await HostileGround(story.seeded())
        let inner = GitObject.tree("100644", "config", ground.blob)
        let outer = try GitObject.tree("40000", ".git", inner.id)
        let commit = GitObject.commit(tree: try outer.hex)
        let report = try await story.push(
            PushRequest(
                creating: "refs/heads/x",
                at: try commit.hex,
                pack: try HostilePack([inner, outer, commit]).bytes
            )
        )
        #expect(report.isRefusal, "\(report)")
    }

    @Test("rules 7 and 8: the stored repository has no hooks and a generated configuration")
    func noHooksAndOwnConfiguration() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let hooks = story.repository.storedPath + "/hooks"
        #expect((try? FileManager.default.contentsOfDirectory(atPath: hooks))?.isEmpty ?? true)
        let config = try await story.server.storedGit(story.repository, ["config", "--local", "--list"])
        for key in ["fsmonitor", "sshcommand", "include", "hookspath", "filter.", "alias."] {
            #expect(!config.output.lowercased().contains(key), "\(config)")
        }
        let marker = try TemporaryDirectory("hook")
        try FileManager.default.createDirectory(atPath: hooks, withIntermediateDirectories: true)
        for name in ["pre-receive", "update", "post-receive", "reference-transaction"] {
            let path = "\(hooks)/\(name)"
            try Data("#!/bin/sh\ntouch \(marker.path("ran"))\nexit 1\n".utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let work = try await story.git().clone(story.url(), "clone")
        try await work.commit("more", ["more": "m\n"])
        try await work("push", "origin", "main")
        #expect(!FileManager.default.fileExists(atPath: marker.path("ran")))
    }

    @Test("rule 9: repositories are directories of the server alone and have no alternates")
    func directoriesArePrivate() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let files = FileManager.default
        #expect(!files.fileExists(atPath: story.repository.storedPath + "/objects/info/alternates"))
        for path in [story.server.dataDirectory, story.server.dataDirectory + "/secrets"] {
            let mode = try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o700, "\(path)")
        }
        let elsewhere = try TemporaryDirectory("elsewhere")
        let packs = story.repository.storedPath + "/objects/pack"
        try files.moveItem(atPath: packs, toPath: elsewhere.path("pack"))
        try files.createSymbolicLink(atPath: packs, withDestinationPath: elsewhere.path("pack"))
        let work = try await story.git().newRepository("work")
        try await work.commit("through a link", ["l": "l\n"])
        _ = try await work.attempt("push", story.url(), "main:refs/heads/link")
        #expect(story.server.isRunning)
    }

    @Test("rule 12: attribute files with endless lines are refused")
    func attributesAreBounded() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let before = try await story.remoteRefs()
        let blob = GitObject(.blob, String(repeating: "a", count: 3_000) + " text\n")
        let tree = try GitObject.tree("100644", ".gitattributes", blob.id)
        let commit = GitObject.commit(tree: try tree.hex)
        let report = try await story.push(
            PushRequest(
                creating: "refs/heads/x",
                at: try commit.hex,
                pack: try HostilePack([blob, tree, commit]).bytes
            )
        )
        #expect(report.isRefusal, "\(report)")
        try await story.expectUnchanged(since: before)
    }

    @Test("rule 13: endless tags, paths and nestings have limits")
    func depthsAreBounded() async throws {
        let story = try await Story.begin()
        let ground = try await HostileGround(story.seeded())
        let before = try await story.remoteRefs()
        var objects: [GitObject] = []
        var entry = ground.blob
        for level in 0..<4_200 {
            let tree = GitObject.tree(level == 0 ? "100644" : "40000", "d", entry)
            objects.append(tree)
            entry = try tree.id
        }
        let last = try #require(objects.last)
        let commit = GitObject.commit(tree: try last.hex)
        let report = try await story.push(
            PushRequest(creating: "refs/heads/x", at: try commit.hex, pack: try HostilePack(objects + [commit]).bytes)
        )
        #expect(report.isRefusal, "\(report)")
        let parents = GitObject.commit(tree: hex(ground.tree), parents: (0..<1_100).map { _ in ground.tip })
        let many = try await story.push(
            PushRequest(creating: "refs/heads/x", at: try parents.hex, pack: try HostilePack([parents]).bytes)
        )
        #expect(many.isRefusal, "\(many)")
        try await refused(story, "refs/tags/" + String(repeating: "t", count: 1_100), at: ground.tip)
        try await story.expectUnchanged(since: before)
    }

    @Test("rule 16: endless prefixes, haves and wants are bounded")
    func linesAreBounded() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        var prefixes = PktLines()
        prefixes.line("command=ls-refs\n")
        prefixes.delimiter()
        for index in 0..<70_000 { prefixes.line("ref-prefix refs/nothing/\(index)\n") }
        prefixes.flush()
        let listed = try await story.fetch(prefixes.bytes)
        #expect(listed.status == 200 || listed.status == 413, "\(listed.status)")
        var wants = PktLines()
        wants.line("command=fetch\n")
        wants.delimiter()
        for _ in 0..<101_000 { wants.line("want \(tip)\n") }
        wants.line("done\n")
        wants.flush()
        let answer = try await story.fetch(wants.bytes)
        let packets = Pkt.parse(answer.body)
        #expect(
            answer.status == 413 || packets.first?.text.hasPrefix("ERR ") == true || packets.first?.text == "packfile"
        )
        var commands = PktLines()
        commands.line("\(Self.zero) \(tip) refs/heads/b0\0report-status\n")
        for index in 1..<100_002 { commands.line("\(Self.zero) \(tip) refs/heads/b\(index)\n") }
        commands.flush()
        commands.raw(try HostilePack().bytes)
        let push = try await story.server.curl(
            "POST",
            story.repository.path + "/git-receive-pack",
            headers: ["Content-Type: application/x-git-receive-pack-request", story.owner.basic],
            body: commands.bytes
        )
        #expect(PushReport(push).accepted.isEmpty && push.status < 500, "\(PushReport(push).reason.prefix(200))")
        #expect(try await story.remoteRefs().count == 2)
    }

    @Test("rule 18: refs that are hidden leak by no road")
    func hiddenRefsDoNotLeak() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        for name in ["refs/granary/secret/x", "refs/remotes/origin/x"] { try await refused(story, name, at: tip) }
        var request = PktLines()
        request.line("command=ls-refs\n")
        request.delimiter()
        request.line("ref-prefix refs/granary/\n")
        request.line("ref-prefix refs/remotes/\n")
        request.flush()
        #expect(try await Pkt.parse(story.fetch(request.bytes).body) == [.flush])
    }

    @Test("rule 19: objects are not shared between repositories")
    func objectsBelongToOneRepository() async throws {
        let (secret, other) = try await (Story.begin(), Story.begin(isPrivate: false))
        let tip = try await secret.seeded().id("main")
        let report = try await other.push(
            PushRequest(creating: "refs/heads/main", at: tip, pack: try HostilePack().bytes)
        )
        #expect(report.isRefusal, "\(report)")
        let reader = try await other.git().newRepository("reader")
        #expect(try await reader.attempt("fetch", other.url(), tip).status != 0)
    }

    @Test("rules 23 and 24: the scope of a token counts on every road, and reading is not writing")
    func scopesCountEverywhere() async throws {
        let story = try await Story.begin()
        let token = try await story.server.addToken(to: "alice", named: Story.freshName("read"), role: "read")
        let type = "Content-Type: application/x-git-receive-pack-request"
        for header in [token.basic, token.bearer] {
            let post = try await story.server.curl(
                "POST",
                story.repository.path + "/git-receive-pack",
                headers: [header, type],
                body: Array("0000".utf8)
            )
            #expect(post.status == 403, "\(post)")
        }
        let delete = try await story.server.curl.json(
            "DELETE",
            "/api/repos/delete",
            ["name": story.repository.name, "type": "model"],
            token: token.secret
        )
        #expect(delete.status == 403, "\(delete)")
    }

    @Test("rule 26: branches that look like object ids are refused")
    func branchesThatLookLikeIDs() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        try await refused(story, "refs/heads/\(tip)", at: tip)
        try await refused(story, "refs/heads/\(tip.uppercased())", at: tip)
        try await refused(story, "refs/heads/" + String(repeating: "0f", count: 32), at: tip)
        #expect(try await story.remoteRefs().count == 2)
    }

    @Test("rule 28: credentials appear in no log")
    func credentialsAreNotLogged() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let path = "/api/whoami-v2?token=\(story.owner.secret)"
        _ = try await story.server.curl("GET", path, headers: ["Authorization: Basic c2VjcmV0OnNlY3JldA=="])
        let log = story.server.log
        #expect(
            !log.contains(story.owner.secret) && !log.contains("c2VjcmV0OnNlY3JldA") && !log.contains("Authorization: ")
        )
    }

    @Test("rule 30: control bytes are not echoed to terminals")
    func controlBytesAreNotEchoed() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let tip = try await work.id("main")
        var request = PushRequest(
            [.init(Self.zero, tip, Array("refs/heads/a\u{1b}]0;x\u{7}".utf8))],
            pack: try HostilePack().bytes
        )
        request.capabilities = "report-status side-band-64k"
        let answer = try await story.push(request).answer
        #expect(!answer.body.contains(0x1b) && !answer.body.contains(0x07))
        let odd = try await story.server.curl(
            "GET",
            "/alice/%1b%5b31m/info/refs?service=git-upload-pack",
            headers: [story.owner.basic]
        )
        #expect(!odd.body.contains(0x1b), "\(odd)")
        #expect(!story.server.log.utf8.contains(0x1b))
    }

    @Test("rule 33: an id that exists already is not replaced by other bytes")
    func existingObjectsAreNotReplaced() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let blob = GitObject(.blob, "# Story\n")
        let commit = GitObject.commit(tree: try await work.id("main^{tree}"))
        let report = try await story.push(
            PushRequest(creating: "refs/heads/again", at: try commit.hex, pack: try HostilePack([blob, commit]).bytes)
        )
        #expect(report.accepted == ["refs/heads/again"], "\(report)")
        try await story.verify()
    }

    @Test("rule 34: one command for each ref, decided by compare-and-swap")
    func contradictoryCommandsAreRefused() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let (tip, older) = try await (work.id("main"), work.id("main~1"))
        let report = try await story.push(
            PushRequest(
                [.init(Self.zero, tip, "refs/heads/x"), .init(Self.zero, older, "refs/heads/x")],
                pack: try HostilePack().bytes
            )
        )
        #expect(report.accepted.isEmpty, "\(report)")
        #expect(try await story.remoteRefs().count == 2)
    }

    @Test("rule 35: a push into a repository that is being deleted changes nothing and harms nobody")
    func pushesRaceWithDeletion() async throws {
        for round in 0..<6 {
            let story = try await Story.begin()
            let work = try await story.git().imported("work", .incompressible(files: 4, bytesEach: 400_000, seed: 90))
            async let push = work.attempt("push", story.url(), "main")
            try await Task.sleep(for: .milliseconds(20 * round))
            try await story.server.granary("repo", "delete", story.repository.address, "--yes")
            _ = try await push
            let after = try await work.attempt("ls-remote", story.url())
            #expect(try Cast.Outcome(after) == .notFound, "\(after)")
            #expect(story.server.isRunning)
        }
    }
}
