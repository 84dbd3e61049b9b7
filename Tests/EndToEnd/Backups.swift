import Foundation
import GranaryTesting
import Synchronization
import Testing

@Suite("A backup brings a hub back", .serialized, .ownServers)
struct Backups {
    private let files: TemporaryDirectory
    private var place: String { files.path("backup") }

    init() throws { files = try TemporaryDirectory("backup") }

    /// Two refs that each push moves together are at one commit in every point, whatever went on meanwhile.
    @Test func madeUnderLoadItIsOfOneMoment() async throws {
        let story = try await Story.alone()
        let load = Load()
        let work = try await story.largeFileWork()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var random = SeededRandom(8)
                while !load.isOver.load(ordering: .relaxed) {
                    try work.write("weights.bin", random.bytes(300_000))
                    let commit = try await work.commit("next")
                    load.pushed.withLock { $0.append(commit) }
                    try await work("push", "--quiet", "--atomic", "origin", "HEAD:main", "HEAD:refs/heads/twin")
                }
            }
            defer { load.isOver.store(true, ordering: .relaxed) }
            let isUnderWay = try await eventually { load.pushed.withLock { $0.count > 2 } }
            #expect(isUnderWay)
            for _ in 0..<3 { try await story.server.granary("backup", place) }
            let count = load.pushed.withLock { $0.count }
            let goesOn = try await eventually { load.pushed.withLock { $0.count > count } }
            #expect(goesOn, "the backup held nobody up")
            load.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        for point in try await points() {
            try await bringBack(story, from: place, at: point)
            let refs = try await story.remoteRefs()
            let tip = try #require(refs["refs/heads/main"])
            #expect(refs["refs/heads/twin"] == tip)
            #expect(load.pushed.withLock { $0.contains(tip) })
            let clone = try await story.largeFileGit().clone(story.url(), "clone-\(point)")
            #expect(try await clone("lfs", "fsck").contains("OK"))
            #expect(clone.contents("weights.bin").count == 300_000)
            let fsck = try await story.server.run(["fsck"])
            #expect(fsck.succeeded, "\(fsck)")
        }
        #expect(try await story.server.stop() == 0)
    }

    @Test func whatDidNotChangeIsNotSentAgain() async throws {
        let story = try await seeded(bytes: 8 << 20)
        let first = try await report(story)
        let second = try await report(story)
        #expect(second.sentBytes * 50 <= first.sentBytes, "\(second) after \(first)")
        #expect(second.bytes >= 8 << 20 && second.repositories == 1 && second.missing == 0, "\(second)")
        let third = try await report(story, "--keep", "1")
        #expect(try await points() == [third.point])
        try await bringBack(story, from: place)
        try await expectLargeFile(story, bytes: 8 << 20)
        #expect(try await story.server.stop() == 0)
    }

    @Test func aKilledBackupLeavesTheLastOne() async throws {
        let story = try await seeded(bytes: 1 << 20)
        let first = try await report(story)
        let work = try await story.largeFileGit().clone(story.url(), "more")
        var random = SeededRandom(99)
        for number in 0..<8 { try work.write("more-\(number).bin", random.bytes(8 << 20)) }
        try await work.commit("more")
        try await work("push", "--quiet", "origin", "main")
        let started = try Command(
            GranaryServer.executable,
            ["backup", place, "--data", story.server.dataDirectory]
        ).start(in: files)
        let stored = try contents().count
        _ = try await eventually { try contents().count > stored + 2 }
        await started.kill()
        #expect(try await points().first == first.point)
        let verified = try await attempt(["backup", "verify", place])
        #expect(verified.succeeded, "\(verified)")
        let next = try await report(story)
        #expect(next.bytes > 64 << 20, "\(next)")
        try await bringBack(story, from: place, at: first.point)
        try await expectLargeFile(story, bytes: 1 << 20)
        try await bringBack(story, from: place, at: next.point)
        let clone = try await story.largeFileGit().clone(story.url(), "again")
        #expect(clone.contents("more-7.bin") == work.contents("more-7.bin"))
        #expect(try await story.server.stop() == 0)
    }

    @Test func damageIsFound() async throws {
        let story = try await seeded(bytes: 100_000)
        _ = try await report(story)
        let all = try contents()
        #expect(all.count > 5)
        for path in all {
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            guard !before.isEmpty else { continue }
            var damaged = before
            damaged[damaged.count / 2] ^= 0x55
            try damaged.write(to: URL(fileURLWithPath: path))
            let found = try await attempt(["backup", "verify", place])
            #expect(found.status == 1, "\(path): \(found)")
            try before.write(to: URL(fileURLWithPath: path))
        }
        let whole = try await attempt(["backup", "verify", place])
        #expect(whole.succeeded, "\(whole)")
        let largest = try #require(all.max { try size($0) < size($1) })
        try FileManager.default.removeItem(atPath: largest)
        let lacking = try await attempt(["backup", "verify", place])
        #expect(lacking.status == 1 && lacking.output.contains("is missing"), "\(lacking)")
        #expect(try await story.server.stop() == 0)
    }

    @Test func anEmptyPlaceIsWanted() async throws {
        let story = try await seeded(bytes: 1_000)
        _ = try await report(story)
        let occupied = try await story.server.run(["restore", place])
        #expect(occupied.status == 4, "\(occupied)")
        let unknown = try await attempt(["backup", "verify", place, "--at", "20010101T000000.000Z"])
        #expect(unknown.status == 3, "\(unknown)")
        let nothing = try await attempt(["backup", "list", files.path("nothing")])
        #expect(nothing.status == 3, "\(nothing)")
        #expect(try await story.server.stop() == 0)
    }

    @Test(.enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set"))
    func inABucket() async throws {
        let store = try #require(S3TestServer.shared)
        try files.write(
            "credentials",
            "[default]\naws_access_key_id = \(store.accessKey)\naws_secret_access_key = \(store.secretKey)\n"
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: files.path("credentials"))
        let flags = ["--endpoint", store.endpoint, "--credentials-file", files.path("credentials")]
        let bucket = "s3://\(store.bucket)/backup/\(UUID().uuidString.lowercased())"
        let story = try await seeded(bytes: 3 << 20)
        for _ in 0..<2 {
            let made = try await story.server.run(["backup", bucket] + flags)
            #expect(made.succeeded, "\(made)")
        }
        let verified = try await attempt(["backup", "verify", bucket] + flags)
        #expect(verified.succeeded, "\(verified)")
        try await bringBack(story, from: bucket, flags)
        try await expectLargeFile(story, bytes: 3 << 20)
        #expect(try await story.server.stop() == 0)
    }

    /// Records go from one kind of database into the other, and back.
    @Test(.enabled(if: PostgresTestServer.shared != nil, "GRANARY_TEST_POSTGRES is not set"))
    func betweenDatabases() async throws {
        let story = try await Story.onPostgres()
        try await addLargeFile(story, bytes: 50_000)
        try await story.server.granary("backup", place)
        #expect(try await story.server.stop() == 0)
        let embedded = files.path("embedded")
        try await run("restore", place, "--data", embedded)
        try await run("fsck", "--data", embedded)
        let users = try await run("user", "list", "--data", embedded)
        #expect(users.contains("alice"), "\(users)")
        let back = files.path("back")
        let database = try await #require(PostgresTestServer.shared).makeDatabase()
        try await run("backup", files.path("second"), "--data", embedded)
        try await run("restore", files.path("second"), "--data", back, "--database", database)
        try await run("fsck", "--data", back, "--database", database)
        #expect(try await run("user", "list", "--data", back, "--database", database) == users)
    }

    // MARK: Means

    /// What goes on during a backup.
    private final class Load: Sendable {
        let isOver = Atomic(false)
        /// Commits, each noted before it is pushed.
        let pushed = Mutex<[String]>([])
    }

    private func seeded(bytes: Int) async throws -> Story {
        let story = try await Story.alone()
        try await addLargeFile(story, bytes: bytes)
        return story
    }

    private func addLargeFile(_ story: Story, bytes: Int) async throws {
        let work = try await story.largeFileWork()
        var random = SeededRandom(UInt64(bytes))
        try work.write("weights.bin", random.bytes(bytes))
        try await work.commit("weights", ["README.md": "# Weights\n"])
        try await work("push", "--quiet", "origin", "main")
    }

    private func expectLargeFile(_ story: Story, bytes: Int) async throws {
        let clone = try await story.largeFileGit().clone(story.url(), "clone-\(UInt32.random(in: 0 ... .max))")
        var random = SeededRandom(UInt64(bytes))
        #expect(clone.contents("weights.bin") == random.bytes(bytes))
        let fsck = try await story.server.run(["fsck"])
        #expect(fsck.succeeded, "\(fsck)")
    }

    /// The machine is lost: the server starts on what the backup brings back.
    private func bringBack(
        _ story: Story,
        from place: String,
        at point: String? = nil,
        _ flags: [String] = []
    ) async throws {
        #expect(try await story.server.stop() == 0)
        try FileManager.default.removeItem(atPath: story.server.dataDirectory)
        let restored = try await story.server.run(["restore", place] + (point.map { ["--at", $0] } ?? []) + flags)
        #expect(restored.succeeded, "\(restored)")
        try await story.server.start()
    }

    private struct Report: Decodable {
        let point: String
        let repositories: Int
        let bytes: Int
        let missing: Int
        let sentBytes: Int
    }

    private func report(_ story: Story, _ flags: String...) async throws -> Report {
        let output = try await story.server.run(["backup", place, "--json"] + flags).required().output
        return try JSONDecoder().decode(Report.self, from: Data(output.utf8))
    }

    @discardableResult
    private func run(_ arguments: String...) async throws -> String {
        try await attempt(arguments).required().output
    }

    private func attempt(_ arguments: [String]) async throws -> CommandResult {
        try await Command(GranaryServer.executable, arguments).run()
    }

    private func points() async throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: place + "/points").sorted()
    }

    private func contents() throws -> [String] {
        let root = place + "/objects"
        return FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String }.map { root + "/" + $0 }
            .filter {
                (try? FileManager.default.attributesOfItem(atPath: $0)[.type]) as? FileAttributeType == .typeRegular
            }
            ?? []
    }

    private func size(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }
}
