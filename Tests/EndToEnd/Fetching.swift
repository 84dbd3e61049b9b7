import GranaryTesting
import Testing

@Suite("Clones and incremental fetches", .serialized, .sharedServer)
struct Fetching {
    @Test(arguments: Wire.all)
    func fetchBringsOnlyWhatIsNew(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone")
        let packsBefore = try await clone.objects().count
        try await work.commit("fourth", ["data/a.txt": "one\ntwo\nthree\n"])
        try await work("push", "origin", "main")

        let result = try await clone.attempt("-c", "fetch.unpackLimit=1", "fetch", "--progress", "origin")
        #expect(result.succeeded, "\(result)")
        // A commit, two trees and a blob.
        #expect(try await clone.objects().count == packsBefore + 4)
        #expect(try await clone.id("origin/main") == work.id("main"))
        try await clone("fsck", "--strict")
        let again = try await clone.attempt("fetch", "origin")
        #expect(again.succeeded && again.errorText.isEmpty)
    }

    @Test(arguments: Wire.all)
    func fetchFromDivergedHistoryNegotiates(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.git(wire).imported("work", .history(commits: 120, seed: 21))
        try await work("push", story.url(wire), "main")
        let clone = try await story.git(wire).clone(story.url(wire), "clone")
        for index in 0..<70 { try await clone("commit", "--quiet", "--allow-empty", "-m", "mine \(index)") }
        try await work("checkout", "--quiet", "main")
        for index in 0..<40 { try await work("commit", "--quiet", "--allow-empty", "-m", "theirs \(index)") }
        try await work("push", story.url(wire), "main")

        let before = try await clone.objects().count
        try await clone("fetch", "origin")
        #expect(try await clone.objects().count == before + 40)
        #expect(try await clone.count("origin/main") == 160)
        try await clone("merge", "--quiet", "--no-edit", "origin/main")
        try await clone("push", "origin", "main")
        try await story.verify(equals: clone)
    }

    @Test(arguments: Wire.all)
    func fetchIntoAnUnrelatedRepositoryEndsWithoutCommonCommits(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let other = try await story.git(wire).imported("other", .history(commits: 300, seed: 22))
        try await other("fetch", story.url(wire), "main")
        #expect(try await other.id("FETCH_HEAD") == work.id("main"))
    }

    @Test(arguments: Wire.all)
    func prunedAndNewBranchesArriveTogether(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work("push", "origin", "main:refs/heads/old")
        let clone = try await story.git(wire).clone(story.url(wire), "clone")
        try await work("push", "origin", ":refs/heads/old", "main~1:refs/heads/new")
        try await clone("fetch", "--prune", "origin")
        #expect(try await Set(clone.refs("refs/remotes/origin/").keys).contains("refs/remotes/origin/new"))
        #expect(try await clone.refs("refs/remotes/origin/old").isEmpty)
    }

    @Test(arguments: Wire.all)
    func singleBranchCloneKnowsNothingElse(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work("checkout", "--quiet", "-b", "topic", "main~1")
        let secret = try await work.commit("topic", ["topic.txt": "t\n"])
        try await work("push", "origin", "topic")
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--single-branch", "--branch", "main")
        #expect(try await clone.attempt("cat-file", "-e", secret).status != 0)
        let topic = try await story.git(wire).clone(story.url(wire), "topic", "--single-branch", "--branch", "topic")
        #expect(try await topic.id("HEAD") == secret)
        let missing = try await story.git(wire).attempt("clone", "--branch", "nowhere", story.url(wire), "x")
        #expect(missing.errorText.contains("Remote branch nowhere not found"))
    }

    @Test(arguments: Wire.all)
    func headAndSymbolicRefAreListed(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let lines = try await work("ls-remote", "--symref", story.url(wire)).split(separator: "\n").map(String.init)
        #expect(lines.first == "ref: refs/heads/main\tHEAD")
        #expect(try await lines.contains("\(work.id("main"))\trefs/heads/main"))
        let pattern = try await work.remoteRefs(story.url(wire), "--heads")
        #expect(try await pattern == ["refs/heads/main": work.id("main")])
    }

    @Test func mergesAndOctopusesArriveWhole() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        for name in ["a", "b", "c"] {
            try await work("checkout", "--quiet", "-b", name, "main~1")
            try await work.commit(name, ["\(name).txt": name])
        }
        try await work("checkout", "--quiet", "main")
        try await work("merge", "--quiet", "-m", "octopus", "a", "b", "c")
        try await work("push", "origin", "main")
        let clone = try await story.git().clone(story.url(), "clone")
        #expect(try await clone("rev-list", "--parents", "-1", "HEAD").split(separator: " ").count == 5)
        try await story.verify()
    }

    @Test func largeFetchRequestsAreCompressedByTheClientAndUnderstood() async throws {
        let story = try await Story.begin()
        let work = try await story.git().imported("work", .history(commits: 400, seed: 23))
        try await work("push", story.url(), "main")
        // Many haves that the server does not know: the request grows beyond 1,024 bytes and is gzipped.
        let other = try await story.git().imported("other", .history(commits: 2_000, seed: 24))
        let trace = "\(other.directory)/trace"
        var traced = other
        traced.environment["GIT_TRACE_CURL"] = trace
        try await traced("fetch", story.url(), "main")
        let log = String(decoding: other.contents("trace"), as: UTF8.self).lowercased()
        #expect(log.contains("content-encoding: gzip"))
        #expect(try await other.id("FETCH_HEAD") == work.id("main"))
    }

    @Test func objectInfoIsAnswered() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let blob = try await work.id("main:README.md")
        let unknown = String(repeating: "1", count: 40)
        var request = PktLines()
        request.line("command=object-info\n")
        request.delimiter()
        request.line("size\n")
        request.line("oid \(blob)\n")
        request.line("oid \(unknown)\n")
        request.flush()
        let answer = try await story.fetch(request.bytes)
        #expect(Pkt.parse(answer.body).map(\.text) == ["size", "\(blob) 8", "\(unknown) ", ""])
    }

    @Test func serverOptionsAreTaken() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let lines = try await work.remoteRefs(story.url(), "--server-option=trace=1", "--server-option=ü")
        #expect(try await lines["refs/heads/main"] == work.id("main"))
    }

    @Test(arguments: ["consecutive", "skipping", "noop"])
    func everyNegotiationAlgorithmEnds(algorithm: String) async throws {
        let story = try await Story.begin()
        let work = try await story.git().imported("work", .history(commits: 200, seed: 25))
        try await work("push", story.url(), "main~20:refs/heads/main")
        let clone = try await story.git().clone(story.url(), "clone")
        try await clone("commit", "--quiet", "--allow-empty", "-m", "mine")
        try await work("push", story.url(), "main")
        try await clone("-c", "fetch.negotiationAlgorithm=\(algorithm)", "fetch", "origin")
        #expect(try await clone.id("origin/main") == work.id("main"))
        try await clone("fsck", "--strict", "--no-progress")
    }

    @Test func negotiationAloneTellsCommonCommits() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let known = try await work.id("main")
        try await work.commit("unknown to the server", ["u": "u\n"])
        let result = try await work.attempt("fetch", "--negotiate-only", "--negotiation-tip=main", "origin")
        #expect(result.succeeded && result.lines.contains(known) && result.lines.count == 3, "\(result)")
    }

    @Test func everythingMayTravelInSideBands() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        var git = try story.git()
        git.environment["GIT_TEST_SIDEBAND_ALL"] = "1"
        let clone = try await git.clone(story.url(), "clone", "--depth", "2")
        #expect(try await clone.count() == 2)
        try await clone("fetch", "--unshallow", "origin")
        #expect(try await clone.objects() == work.objects())
    }

    @Test func aRefetchBringsEverythingAgain() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let clone = try await story.git().clone(story.url(), "clone", "--filter=blob:none", "--no-checkout")
        try await clone("config", "--unset", "remote.origin.partialclonefilter")
        try await clone("fetch", "--refetch", "origin")
        #expect(try await clone.objects() == work.objects())
    }

    @Test func pushesThatWouldLikeASignatureGoOnWithout() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("push", "--signed=if-asked", "origin", "main:refs/heads/unsigned")
        let signed = try await work.attempt("push", "--signed", "origin", "main:refs/heads/signed")
        #expect(!signed.succeeded && signed.errorText.contains("does not support --signed"), "\(signed)")
    }
}
