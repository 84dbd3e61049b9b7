import Foundation
import GranaryTesting
import Synchronization
import Testing

/// A fresh repository on the suite's server, and people who use it.
struct Story: Sendable {
    /// The server.
    let server: GranaryServer
    /// The owner of the repository.
    let owner: Person
    /// The repository.
    let repository: HostedRepository

    private static let counter = Mutex(0)

    /// A new name for a repository.
    static func freshName(_ prefix: String = "story") -> String {
        counter.withLock { counter in
            counter += 1
            return "\(prefix)-\(counter)"
        }
    }

    /// Makes the repository; it belongs to alice.
    static func begin(type: String = "model", isPrivate: Bool = true, initialize: Bool = false) async throws -> Story {
        let shared = try SharedServer.running
        let repository = try await shared.server.addRepository(
            type,
            "alice",
            freshName(),
            isPrivate: isPrivate,
            initialize: initialize
        )
        return Story(server: shared.server, owner: shared.alice, repository: repository)
    }

    /// The suite's repository for stories that change nothing, and the repository it was pushed from.
    static func common() async throws -> (story: Story, work: GitClient) {
        try await SharedServer.running.common.begun()
    }

    /// The repository's URL.
    func url(_ wire: Wire = .standard) -> String { wire.url(of: repository, on: server) }

    /// Git in the hands of the owner.
    func git(_ wire: Wire = .standard) throws -> GitClient {
        try git(wire, as: owner)
    }

    /// Git in the hands of anybody; nil has no account.
    func git(_ wire: Wire = .standard, as person: Person?) throws -> GitClient {
        try GitClient(person: person, base: server.base, protocolVersion: wire.version).over(server.ssh(as: person))
    }

    /// `ssh` in the hands of the owner.
    var ssh: SSHClient { server.ssh(as: owner) }

    /// Starts a server of its own with one repository of alice.
    static func alone(_ arguments: [String] = [], isPrivate: Bool = true) async throws -> Story {
        let server = try await GranaryServer.start(arguments)
        let alice = try await server.addPerson("alice")
        let repository = try await server.addRepository("model", "alice", "alone", isPrivate: isPrivate)
        return Story(server: server, owner: alice, repository: repository)
    }

    /// A repository with some commits, pushed to the server: `main` with three commits and three files.
    func seeded(_ wire: Wire = .standard) async throws -> GitClient {
        let work = try await git(wire).newRepository("work")
        try await work.commit("first", ["README.md": "# Story\n", "data/a.txt": "one\n"], date: 1_700_000_000)
        try await work.commit("second", ["data/a.txt": "one\ntwo\n"], date: 1_700_100_000)
        try await work.commit("third", ["data/b.bin": String(repeating: "large ", count: 2_000)], date: 1_700_200_000)
        try await work("remote", "add", "origin", url(wire))
        try await work("push", "--quiet", "--set-upstream", "origin", "main")
        return work
    }

    /// Pushes a hand-made request.
    func push(_ request: PushRequest, as person: Person? = nil) async throws -> PushReport {
        let answer = try await server.curl(
            "POST",
            repository.path + ".git/git-receive-pack",
            headers: ["Content-Type: application/x-git-receive-pack-request", (person ?? owner).basic],
            body: request.bytes
        )
        return PushReport(answer)
    }

    /// Sends a hand-made upload-pack request.
    func fetch(_ body: [UInt8], version: Int = 2, as person: Person? = nil) async throws -> HTTPAnswer {
        try await server.curl(
            "POST",
            repository.path + ".git/git-upload-pack",
            headers: [
                "Content-Type: application/x-git-upload-pack-request", "Git-Protocol: version=\(version)",
                (person ?? owner).basic,
            ],
            body: body
        )
    }

    /// What the server lists, seen by the owner.
    func remoteRefs() async throws -> [String: String] {
        try await git().remoteRefs(url())
    }

    /// Checks that a fresh clone and the stored directory are sound and, if a repository is given, that branches and tags of
    /// the server equal its own.
    func verify(equals local: GitClient? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let fresh = try await git().clone(url(), "fresh-\(UInt32.random(in: 0 ... .max)).git", "--mirror")
        let check = try await fresh.attempt("fsck", "--strict", "--full", "--no-dangling", "--no-progress")
        #expect(check.succeeded, "\(check)", sourceLocation: sourceLocation)
        #expect(
            !check.errorText.contains("warning") && !check.errorText.contains("missing"),
            "\(check)",
            sourceLocation: sourceLocation
        )
        let stored = try await server.storedGit(
            repository,
            ["fsck", "--strict", "--full", "--no-dangling", "--no-progress"]
        )
        #expect(stored.succeeded, "\(stored)", sourceLocation: sourceLocation)
        #expect(server.leftovers(of: repository) == [], sourceLocation: sourceLocation)
        guard let local else { return }
        for prefix in ["refs/heads/", "refs/tags/"] {
            let (mine, theirs) = try await (local.refs(prefix), fresh.refs(prefix))
            #expect(mine == theirs, sourceLocation: sourceLocation)
        }
    }

    /// Checks that an attempt changed no ref, left nothing behind and did no harm to the server.
    func expectUnchanged(since refs: [String: String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(server.isRunning, sourceLocation: sourceLocation)
        let now = try await remoteRefs()
        #expect(now == refs, sourceLocation: sourceLocation)
        let clean = try await eventually(within: .seconds(10)) { server.leftovers(of: repository).isEmpty }
        #expect(clean, "left behind: \(server.leftovers(of: repository))", sourceLocation: sourceLocation)
    }
}
