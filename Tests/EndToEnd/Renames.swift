import GranaryTesting
import Testing

@Suite("After a rename", .serialized, .sharedServer)
struct Renames {
    private func renamed(_ story: Story, to target: String) async throws -> Story {
        try await story.server.granary("repo", "rename", story.repository.address, target)
        let parts = target.split(separator: "/").map(String.init)
        let repository = HostedRepository(
            type: story.repository.type,
            namespace: parts.first ?? "",
            name: parts.last ?? "",
            storedPath: story.repository.storedPath
        )
        return Story(server: story.server, owner: story.owner, repository: repository)
    }

    /// Git 2.39 follows a redirection for good only when its first request already has credentials; otherwise it goes on
    /// with the old address.
    @Test(arguments: Wire.http, [true, false])
    func oldRemotesGoOnWorking(wire: Wire, credentialsFirst: Bool) async throws {
        let story = try await Story.begin()
        let settings = credentialsFirst ? ["http.extraHeader=\(story.owner.basic)"] : []
        let work = settings.reduce(try await story.seeded(wire)) { $0.with($1) }
        let moved = try await renamed(story, to: "alice/\(Story.freshName("renamed"))")
        let clone = try await settings.reduce(story.git(wire)) { $0.with($1) }.clone(story.url(wire), "old-name")
        #expect(try await clone.id("HEAD") == work.id("main"))
        try await work.commit("after", ["after": "a\n"])
        let push = try await work.attempt("push", "origin", "main")
        #expect(push.succeeded, "\(push)")
        if credentialsFirst { #expect(push.errorText.contains("redirecting to"), "\(push)") }
        try await clone("fetch", "origin")
        #expect(try await clone.id("origin/main") == work.id("main"))
        try await moved.verify(equals: work)
    }

    /// Over SSH nothing can be redirected, so the old address itself goes on working.
    @Test(arguments: Wire.ssh)
    func oldRemotesGoOnWorkingOverSSH(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let moved = try await renamed(story, to: "alice/\(Story.freshName("renamed"))")
        let clone = try await story.git(wire).clone(story.url(wire), "old-name")
        #expect(try await clone.id("HEAD") == work.id("main"))
        try await work.commit("after", ["after": "a\n"])
        let push = try await work.attempt("push", "origin", "main")
        #expect(push.succeeded && push.errorText.contains(moved.repository.name), "the new address is told: \(push)")
        try await clone("fetch", "origin")
        #expect(try await clone.id("origin/main") == work.id("main"))
        try await moved.verify(equals: work)
    }

    @Test(arguments: Wire.all)
    func publicRepositoriesAreFoundByAnybody(wire: Wire) async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.seeded(wire)
        _ = try await renamed(story, to: "alice/\(Story.freshName("renamed"))")
        // Nobody comes in by SSH without an account.
        let anybody = wire.transport == .ssh ? try await story.server.addPerson(Story.freshName("person")) : nil
        let clone = try await story.git(wire, as: anybody).clone(story.url(wire), "through-the-old-name")
        #expect(try await clone.id("HEAD") == work.id("main"))
        try await clone("fetch", "origin")
    }

    @Test func theFirstRequestIsRedirectedAndOthersAreServed() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        let moved = try await renamed(story, to: "alice/\(Story.freshName("renamed"))")
        for suffix in ["", ".git"] {
            let get = try await story.server.curl(
                "GET",
                story.repository.path + suffix + "/info/refs?service=git-upload-pack",
                headers: [story.owner.basic]
            )
            #expect([301, 302, 307, 308].contains(get.status), "\(get)")
            let location = try #require(get["location"])
            #expect(location.hasSuffix("/info/refs?service=git-upload-pack"), "\(location)")
            #expect(location.contains(moved.repository.path))
        }
        let post = try await story.fetch(Array("0000".utf8))
        #expect(post.status == 200, "\(post)")
    }

    @Test func theRedirectTellsNothingToStrangers() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let moved = try await renamed(story, to: "alice/\(Story.freshName("renamed"))")
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let path = story.repository.path + "/info/refs?service=git-upload-pack"
        let stranger = try await story.server.curl("GET", path, headers: [bob.basic])
        let nobody = try await story.server.curl("GET", path)
        #expect(stranger.status == 404 && nobody.status == 401)
        #expect(try await story.fetch(Array("0000".utf8), as: bob).status == 404)
        for answer in [stranger, nobody] {
            #expect(answer["location"] == nil && !answer.text.contains(moved.repository.name), "\(answer)")
        }
    }

    @Test func aNewRepositoryAtTheOldNameEndsTheRedirect() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let moved = try await renamed(story, to: "alice/\(Story.freshName("renamed"))")
        _ = try await story.server.addRepository("model", "alice", story.repository.name)
        #expect(try await work.remoteRefs(story.url()).isEmpty)
        #expect(try await work.remoteRefs(moved.url())["HEAD"] == work.id("main"))
    }

    @Test func aTransferChangesTheOwner() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let moved = try await renamed(story, to: "\(bob.name)/\(Story.freshName("transferred"))")
        let clone = try await moved.git(as: bob).clone(moved.url(), "clone")
        #expect(try await clone.id("HEAD") == work.id("main"))
        let old = try await work.attempt("ls-remote", moved.url())
        #expect(try Cast.Outcome(old) == .notFound, "\(old)")
    }

    @Test func namesAreFoundInAnyCase() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let shouted = story.server.base + story.repository.path.uppercased()
        #expect(try await work.remoteRefs(shouted)["HEAD"] == work.id("main"))
        let twin = try await story.server.run([
            "repo", "create", story.repository.address.uppercased().replacing("MODEL", with: "model"),
        ])
        #expect(twin.status == 4, "\(twin)")
    }

    @Test func deletedRepositoriesAreGone() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await story.server.granary("repo", "delete", story.repository.address, "--yes")
        let result = try await work.attempt("fetch", "origin")
        #expect(try Cast.Outcome(result) == .notFound, "\(result)")
        let again = try await story.server.addRepository("model", "alice", story.repository.name)
        #expect(again.storedPath != story.repository.storedPath)
        #expect(try await work.remoteRefs(story.url()).isEmpty)
    }
}
