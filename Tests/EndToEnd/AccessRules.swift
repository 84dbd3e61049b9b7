import GranaryTesting
import Testing

@Suite("Who may clone and push", .serialized, .sharedServer)
struct AccessRules {
    @Test(arguments: Cast.names, [true, false])
    func everyRoleGetsWhatItMay(name: String, isPrivate: Bool) async throws {
        let story = try await Story.begin(isPrivate: isPrivate)
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let role = try await Cast.assemble(story, only: name)
        let expected = isPrivate ? role.privately : role.publicly

        let git = try story.git(as: role.person)
        let clone = try await git.attempt("clone", story.url(), "clone")
        #expect(try Cast.Outcome(clone) == expected.clone, "\(clone)")
        // A home of its own: git forgets credentials that were refused.
        let source = try await story.git(as: role.person).clone("file://" + work.directory, "source")
        try await source.commit("by \(name)", ["by.txt": name])
        let push = try await source.attempt("push", story.url(), "main:refs/heads/topic")
        #expect(try Cast.Outcome(push) == expected.push, "\(push)")
        if expected.push == .forbidden { #expect(push.errorText.contains("remote: "), "the reason is shown: \(push)") }
        if expected.push != .works { try await story.expectUnchanged(since: before) }
    }

    @Test(arguments: Cast.names, [true, false])
    func statusFollowsTheServiceAndNotTheScheme(name: String, isPrivate: Bool) async throws {
        let story = try await Story.begin(isPrivate: isPrivate)
        _ = try await story.seeded()
        let role = try await Cast.assemble(story, only: name)
        let expected = isPrivate ? role.privately : role.publicly
        let path = story.repository.path + ".git"
        let schemes = role.person.map { [[$0.basic], [$0.bearer]] } ?? [[]]
        for headers in schemes {
            for (service, outcome) in [("git-upload-pack", expected.clone), ("git-receive-pack", expected.push)] {
                // Anonymous reading of public repositories is allowed; wrong credentials are not taken for none.
                let status = name == "wrong token" ? 401 : outcome.status
                let get = try await story.server.curl("GET", "\(path)/info/refs?service=\(service)", headers: headers)
                #expect(get.status == status, "GET \(service): \(get)")
                let type = "Content-Type: application/x-\(service)-request"
                let post = try await story.server.curl(
                    "POST",
                    "\(path)/\(service)",
                    headers: headers + [type],
                    body: Array("0000".utf8)
                )
                #expect(post.status == status, "POST \(service): \(post)")
                #expect((get["www-authenticate"] != nil) == (status == 401))
                if status != 200 { #expect(get["content-type"]?.hasPrefix("text/plain") == true, "\(get)") }
                if status != 200 { #expect(get.text.split(separator: "\n").count == 1, "\(get)") }
            }
        }
    }

    @Test(arguments: ["read", "write", "admin"])
    func rolesInAnOrganisation(role: String) async throws {
        let server = try SharedServer.running.server
        let organization = Story.freshName("org")
        try await server.granary("org", "add", organization)
        let member = try await server.addPerson(Story.freshName("person"))
        try await server.granary("org", "member", organization, member.name, role)
        let repository = try await server.addRepository("dataset", organization, "data")
        let story = Story(server: server, owner: member, repository: repository)
        let work = try await story.git().newRepository("work")
        try await work.commit("first", ["a": "1\n"])
        let push = try await work.attempt("push", story.url(), "main")
        #expect(try Cast.Outcome(push) == (role == "read" ? .forbidden : .works), "\(push)")
        let clone = try await work.attempt("clone", story.url(), "clone")
        #expect(try Cast.Outcome(clone) == .works, "\(clone)")
        try await server.granary("org", "member", organization, member.name, "none")
        let after = try await work.attempt("ls-remote", story.url())
        #expect(try Cast.Outcome(after) == .notFound, "\(after)")
    }

    @Test func grantsAndVisibilityAreSeenAtOnce() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let git = try story.git(as: bob)
        func outcome() async throws -> Cast.Outcome { try Cast.Outcome(await git.attempt("ls-remote", story.url())) }
        #expect(try await outcome() == .notFound)
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "read")
        #expect(try await outcome() == .works)
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "none")
        #expect(try await outcome() == .notFound)
        try await story.server.granary("repo", "set", story.repository.address, "--public")
        #expect(try await outcome() == .works)
        try await story.server.granary("repo", "set", story.repository.address, "--private")
        #expect(try await outcome() == .notFound)
    }

    @Test func credentialsInTheURLWork() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let location = story.url().replacing("://", with: "://anything:\(story.owner.secret)@")
        let clone = try await story.git(as: nil).clone(location, "clone")
        #expect(try await clone.id("HEAD") == work.id("main"))
    }

    @Test func tokensInTheQueryAreNotAccepted() async throws {
        let story = try await Story.begin()
        let secret = story.owner.secret
        for key in ["access_token", "token", "private_token", "auth"] {
            let path = "\(story.repository.path)/info/refs?service=git-upload-pack&\(key)=\(secret)"
            #expect(try await story.server.curl("GET", path).status == 401)
        }
    }
}
