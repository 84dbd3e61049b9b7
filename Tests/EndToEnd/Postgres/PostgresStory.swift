import GranaryTesting
import Testing

@Suite(
    "Records in PostgreSQL",
    .serialized,
    .ownServers,
    .enabled(if: PostgresTestServer.shared != nil, "GRANARY_TEST_POSTGRES is not set")
)
struct PostgresStory {
    @Test func aHubLivesInADatabase() async throws {
        let story = try await Story.onPostgres()
        for wire in [Wire.standard, .standardSSH] {
            let name = wire.transport.rawValue
            let work = try await story.git(wire).newRepository("work-\(name)")
            try await work.commit("first", ["README.md": "# \(name)\n"])
            try await work("push", "--quiet", story.url(wire), "HEAD:refs/heads/\(name)")
            let clone = try await story.git(wire).clone(story.url(wire), "clone-\(name)", "--branch", name)
            #expect(try await clone.id("HEAD") == work.id("HEAD"))
        }
        let large = try await story.largeFileWork()
        try large.write("weights.bin", [UInt8](repeating: 7, count: 3 << 20))
        try await large.commit("weights")
        try await large("push", "--quiet", "origin", "HEAD:refs/heads/large")
        let answer = try await story.server.curl(
            "GET",
            "/api/models?search=alone&author=alice",
            headers: [story.owner.bearer]
        )
        #expect(answer.status == 200 && answer.text.contains("alice/alone"), "\(answer.text)")
        #expect(try await story.server.stop() == 0)
        try await story.server.start()
        #expect(Set(try await story.remoteRefs().keys) == ["refs/heads/http", "refs/heads/ssh", "refs/heads/large"])
        let doctor = try await story.server.run(["doctor"])
        #expect(doctor.output.contains("PostgreSQL 1") && !doctor.output.contains("granary.sqlite"), "\(doctor)")
        #expect(try await story.server.stop() == 0)
    }

    @Test func aTokenThatIsRevokedIsGoodNoMore() async throws {
        let story = try await Story.onPostgres()
        let path = "/api/whoami-v2"
        #expect(try await story.server.curl("GET", path, headers: [story.owner.bearer]).status == 200)
        try await story.server.run(["token", "revoke", "alice", "tests"]).required()
        // Another process has revoked it: the server hears of it in milliseconds, in two seconds at most.
        let isRefused = try await eventually(within: .seconds(20)) {
            try await story.server.curl("GET", path, headers: [story.owner.bearer]).status == 401
        }
        #expect(isRefused)
        #expect(try await story.server.stop() == 0)
    }

    @Test func recordsMoveFromSQLite() async throws {
        let shared = try #require(PostgresTestServer.shared)
        let database = try await shared.makeDatabase()
        let story = try await Story.alone()
        _ = try await story.seeded()
        let refs = try await story.remoteRefs()
        let move = ["migrate", "sqlite-to-postgres", "--database", database]
        #expect(try await story.server.run(move).status == 4, "the server runs")
        #expect(try await story.server.stop() == 0)
        #expect(try await story.server.run(["migrate", "sqlite-to-postgres"]).status == 2)
        let moved = try await story.server.run(move)
        #expect(moved.succeeded && moved.output.contains("repositories"), "\(moved)")
        #expect(try await story.server.run(move).status == 4, "there are records now")
        let server = try await GranaryServer.start(
            ["--data", story.server.dataDirectory],
            environment: ["GRANARY_DATABASE": database]
        )
        let after = Story(server: server, owner: story.owner, repository: story.repository)
        #expect(try await after.remoteRefs() == refs)
        let work = try await after.git().clone(after.url(), "after")
        try await work.commit("fourth", ["after.txt": "after\n"])
        try await work("push", "--quiet", "origin", "main")
        #expect(try await server.stop() == 0)
    }

    @Test(arguments: [
        ("mysql://db/hub", "GRANARY_DATABASE", 2), ("postgres://granary@127.0.0.1:1/hub", "127.0.0.1:1/hub", 1),
        ("postgres://a:swordfish@127.0.0.1:1/hub", "127.0.0.1:1/hub", 1),
    ])
    func aDatabaseThatCannotBeUsedIsNamed(url: String, words: String, status: Int32) async throws {
        let files = try TemporaryDirectory("no-database")
        var command = Command(GranaryServer.executable, ["serve", "--data", files.path("data"), "--ssh", "off"])
        command.environment["GRANARY_DATABASE"] = url
        let result = try await command.run()
        #expect(result.status == status && result.errorText.contains(words), "\(result)")
        #expect(!result.errorText.contains("swordfish"))
        let flag = ["serve", "--data", files.path("data"), "--database", "postgres://a:swordfish@db/hub"]
        let refused = try await Command(GranaryServer.executable, flag).run()
        #expect(refused.status == 2 && refused.errorText.contains("PGPASSFILE"), "\(refused)")
        #expect(!refused.errorText.contains("swordfish"))
    }
}

extension Story {
    /// Starts a server of its own with one repository of alice, and with its records in a new database.
    static func onPostgres(_ server: PostgresTestServer? = .shared) async throws -> Story {
        let database = try await #require(server).makeDatabase()
        let hub = try await GranaryServer.start(environment: ["GRANARY_DATABASE": database])
        let alice = try await hub.addPerson("alice")
        let repository = try await hub.addRepository("model", "alice", "alone")
        return Story(server: hub, owner: alice, repository: repository)
    }
}
