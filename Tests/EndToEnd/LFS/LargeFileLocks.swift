import Foundation
import GranaryTesting
import Testing

@Suite("Locks of large files", .serialized, .sharedServer)
struct LargeFileLocks {
    /// A repository of alice in which bob may write.
    private func begin() async throws -> (story: Story, bob: Person, work: GitClient) {
        let story = try await Story.begin()
        let bob = try await story.server.addPerson(Story.freshName("bob"))
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "write")
        let work = try await story.largeFileWork()
        for name in ["a.bin", "b.bin"] { try work.write(name, Array(name.utf8)) }
        try await work.commit("first")
        try await work("push", "--quiet", "--set-upstream", "origin", "main")
        return (story, bob, work)
    }

    @Test(arguments: LargeFileWay.allCases)
    func twoPeopleAndOneFile(way: LargeFileWay) async throws {
        let (story, bob, _) = try await begin()
        let alice = try await story.largeFileGit(way).clone(story.url(way.wire), "hers")
        let his = try await story.largeFileGit(way, as: bob).clone(story.url(way.wire), "his")
        try await alice("lfs", "lock", "a.bin")
        let taken = try await his.attempt("lfs", "lock", "a.bin")
        #expect(!taken.succeeded && taken.errorText.contains("lock"), "\(taken)")
        let list = try await his("lfs", "locks")
        #expect(list.contains("a.bin") && list.contains("alice"), "\(list)")
        let verified = try await alice("lfs", "locks", "--verify")
        #expect(verified.hasPrefix("O "), "\(verified)")

        let unlocked = try await his.attempt("lfs", "unlock", "a.bin")
        #expect(!unlocked.succeeded, "\(unlocked)")
        try await alice("lfs", "unlock", "a.bin")
        try await his("lfs", "lock", "a.bin")
        try await his("lfs", "unlock", "a.bin")
        #expect(try await his("lfs", "locks") == "")
    }

    @Test func forceIsForAdministrators() async throws {
        let (story, bob, _) = try await begin()
        let his = try await story.largeFileGit(as: bob).clone(story.url(), "his")
        let hers = try await story.largeFileGit().clone(story.url(), "hers")
        try await hers("lfs", "lock", "a.bin")
        let refused = try await his.attempt("lfs", "unlock", "--force", "a.bin")
        #expect(!refused.succeeded, "\(refused)")
        try await hers("lfs", "unlock", "a.bin")
        try await his("lfs", "lock", "a.bin")
        // A token to write with is not enough, be it the owner's.
        #expect(try await !hers.attempt("lfs", "unlock", "--force", "a.bin").succeeded)
        let administrator = try await story.server.addToken(to: "alice", named: Story.freshName("admin"), role: "admin")
        let forced = try await story.largeFileGit(as: administrator).clone(story.url(), "forced")
        try await forced("lfs", "unlock", "--force", "a.bin")
        #expect(try await forced("lfs", "locks") == "")
    }

    /// The client only warns; the server refuses.
    @Test(arguments: LargeFileWay.allCases)
    func pushesOfLockedPathsAreRefused(way: LargeFileWay) async throws {
        let (story, bob, _) = try await begin()
        let his = try await story.largeFileGit(way, as: bob).clone(story.url(way.wire), "his")
        try await story.largeFileGit().clone(story.url(), "hers")("lfs", "lock", "a.bin")
        try his.write("a.bin", Array("his".utf8))
        try await his.commit("a locked path")
        let refs = try await story.remoteRefs()
        for target in ["main", "HEAD:refs/heads/his"] {
            let push = try await his.attempt("push", "origin", target)
            #expect(!push.succeeded, "\(push)")
            #expect(push.errorText.contains("GRANARY: LOCKED path=a.bin owner=alice"), "\(push)")
        }
        #expect(try await story.remoteRefs() == refs)
        try await his("reset", "--quiet", "--hard", "origin/main")
        try his.write("b.bin", Array("his".utf8))
        try await his.commit("another path")
        try await his("push", "--quiet", "origin", "main")
    }

    @Test func holdersPushTheirOwn() async throws {
        let (story, _, work) = try await begin()
        try await work("lfs", "lock", "a.bin")
        try await work("rm", "--quiet", "--cached", "a.bin")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(work.directory)/a.bin")
        try work.write("a.bin", Array("hers".utf8))
        try await work.commit("her own path")
        try await work("push", "--quiet", "origin", "main")
        let clone = try await story.largeFileGit().clone(story.url(), "clone")
        #expect(clone.contents("a.bin") == Array("hers".utf8))
    }

    @Test func oneOfEightGetsTheLock() async throws {
        let (story, _, _) = try await begin()
        let lfs = story.lfs
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await lfs("POST", "locks", #"{"path":"one.bin","ref":{"name":"refs/heads/main"}}"#).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 409 } == 7, "\(statuses)")
    }

    @Test func answersHaveTheirShapes() async throws {
        let (story, bob, _) = try await begin()
        let lfs = story.lfs
        let created = try await lfs("POST", "locks", #"{"path":"x/y.bin","new":{"a":[1]}}"#)
        #expect(created.status == 201, "\(created)")
        let lock = try #require(created.json["lock"] as? [String: Any])
        let id = try #require(lock["id"] as? String)
        #expect(lock["path"] as? String == "x/y.bin")
        #expect((lock["owner"] as? [String: Any])?["name"] as? String == "alice")
        #expect(ISO8601DateFormatter().date(from: lock["locked_at"] as? String ?? "") != nil)
        let taken = try await lfs("POST", "locks", #"{"path":"x/y.bin"}"#)
        #expect(taken.status == 409 && (taken.json["lock"] as? [String: Any])?["id"] as? String == id, "\(taken)")
        #expect(taken.json["message"] is String)
        let list = try await lfs("GET", "locks?path=x%2Fy.bin")
        #expect((list.json["locks"] as? [[String: Any]])?.count == 1, "\(list)")
        let ours = try await lfs("POST", "locks/verify", "{}")
        #expect((ours.json["ours"] as? [Any])?.count == 1 && (ours.json["theirs"] as? [Any])?.count == 0, "\(ours)")
        let theirs = try await lfs.asking(as: bob)("POST", "locks/verify", #"{"ref":null}"#)
        #expect(
            (theirs.json["ours"] as? [Any])?.count == 0 && (theirs.json["theirs"] as? [Any])?.count == 1,
            "\(theirs)"
        )
        for (person, body, status) in [(bob, "{}", 403), (bob, #"{"force":true}"#, 403), (story.owner, "{}", 200)] {
            let answer = try await lfs.asking(as: person)("POST", "locks/\(id)/unlock", body)
            #expect(answer.status == status, "\(answer)")
        }
        #expect(try await lfs("POST", "locks/\(id)/unlock", "{}").status == 404)
    }

    @Test func pagesSurviveDeletions() async throws {
        let (story, _, _) = try await begin()
        let lfs = story.lfs
        for number in 0..<7 {
            #expect(try await lfs("POST", "locks", #"{"path":"p\#(number).bin"}"#).status == 201)
        }
        var seen: [String] = []
        var cursor = ""
        repeat {
            let page = try await lfs("GET", "locks?limit=2&cursor=\(cursor)")
            #expect(page.status == 200, "\(page)")
            let locks = page.json["locks"] as? [[String: Any]] ?? []
            seen += locks.compactMap { $0["path"] as? String }
            if let id = locks.last?["id"] as? String { _ = try await lfs("POST", "locks/\(id)/unlock", "{}") }
            cursor = page.json["next_cursor"] as? String ?? ""
        } while !cursor.isEmpty && seen.count < 20
        #expect(Set(seen) == Set((0..<7).map { "p\($0).bin" }) && seen.count == 7, "\(seen)")
    }

    @Test(arguments: [
        (#"{"path":""}"#, 422), (#"{"path":"/a"}"#, 422), (#"{"path":"a/../b"}"#, 422), (#"{"path":"a\u0000b"}"#, 422),
        (#"{"path":7}"#, 422), ("{}", 422), ("[]", 422), ("{", 400), ("", 400),
    ])
    func senselessLocksAreRefused(body: String, status: Int) async throws {
        let (story, _) = try await Story.common()
        let answer = try await story.lfs("POST", "locks", body)
        #expect(answer.status == status && answer.json["message"] is String, "\(answer)")
    }

    @Test(arguments: ["limit=0", "limit=-1", "limit=x", "cursor=nonsense", "cursor=%00"])
    func senselessPagesAreRefused(query: String) async throws {
        let (story, _) = try await Story.common()
        let answer = try await story.lfs("GET", "locks?\(query)")
        #expect(answer.status == 400, "\(answer)")
    }
}
