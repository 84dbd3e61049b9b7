import Foundation
import Glibc
import GranaryTesting
import Testing

@Suite("Running a server", .serialized, .sharedServer)
struct Operations {
    @Test func healthReadinessAndMetrics() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        _ = try await story.git().clone(story.url(), "clone")
        for path in ["/healthz", "/readyz"] {
            #expect(try await story.server.curl("GET", path).status == 200)
        }
        #expect(try await story.server.curl("GET", "/metrics").status == 404, "metrics are on their own listener only")
        let metrics = try await Curl(base: "http://127.0.0.1:\(story.server.metricsPort)")("GET", "/metrics")
        #expect(metrics.status == 200 && metrics["content-type"]?.hasPrefix("text/plain") == true)
        for name in [
            "granary_http_requests_total", "granary_git_operations_total", "process_resident_memory_bytes",
            "process_open_fds", "process_cpu_seconds_total", "granary_http_request_duration_seconds",
            "granary_git_pack_bytes", "granary_git_queue_depth", "granary_git_pack_cache_hit_bytes_total",
            "granary_git_pack_cache_bytes",
        ] {
            #expect(metrics.text.contains(name), "\(name)")
        }
        #expect(!metrics.text.contains(story.repository.name) && !metrics.text.contains(story.owner.secret))
        for line in metrics.text.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(line.split(separator: " ").last.flatMap { Double($0) } != nil, "\(line)")
        }
    }

    @Test func theAdministratorsCommandsWorkWhileServing() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let doctor = try await story.server.run(["doctor"])
        #expect(doctor.succeeded, "\(doctor)")
        let fsck = try await story.server.run(["fsck"])
        #expect(fsck.succeeded, "\(fsck)")
        try await work.commit("after", ["a": "a\n"])
        try await work("push", "origin", "main")
    }

    @Test func fsckFindsDamage() async throws {
        let server = try await GranaryServer.start()
        let alice = try await server.addPerson("alice")
        let repository = try await server.addRepository("model", "alice", "damaged")
        let story = Story(server: server, owner: alice, repository: repository)
        _ = try await story.seeded()
        let packs = repository.storedPath + "/objects/pack"
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: packs).first { $0.hasSuffix(".pack") })
        let path = "\(packs)/\(name)"
        var bytes = Array(FileManager.default.contents(atPath: path) ?? Data())
        bytes[bytes.count / 2] ^= 0x55
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let fsck = try await server.run(["fsck"])
        #expect(fsck.status == 1, "\(fsck)")
        try await server.stop()
    }

    @Test func theStoredRepositoryIsReadableByStockGit() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("tag", "-a", "-m", "one", "v1")
        try await work("push", "origin", "v1")
        let log = try await story.server.storedGit(story.repository, ["log", "--oneline", "main"])
        #expect(log.lines.count == 3, "\(log)")
        let peeled = try await story.server.storedGit(story.repository, ["rev-parse", "v1^{commit}"])
        #expect(try await peeled.output == work.id("main"))
        let clone = try await story.git().with("safe.directory=*").clone(
            "file://" + story.repository.storedPath,
            "stock"
        )
        #expect(try await clone.objects() == work.objects())
    }

    @Test func signalsReloadAndStop() async throws {
        let server = try await GranaryServer.start(["--log-format", "json"])
        let alice = try await server.addPerson("alice")
        server.signal(SIGHUP)
        let answered = try await server.curl("GET", "/api/whoami-v2", headers: [alice.bearer])
        #expect(answered.status == 200)
        for line in server.log.split(separator: "\n") where line.hasPrefix("{") {
            #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(line)")
        }
        server.signal(SIGINT)
        let stopped = try await eventually { !server.isRunning }
        #expect(stopped)
        try await server.start()
        #expect(try await server.curl("GET", "/api/whoami-v2", headers: [alice.bearer]).status == 200)
        #expect(try await server.stop() == 0)
    }

    @Test func aStopLetsARunningCloneFinish() async throws {
        let server = try await GranaryServer.start()
        let alice = try await server.addPerson("alice")
        let repository = try await server.addRepository("model", "alice", "large")
        let story = Story(server: server, owner: alice, repository: repository)
        let source = try await story.git().imported("source", .incompressible(files: 32, bytesEach: 1 << 20, seed: 91))
        try await source("push", "--quiet", story.url(), "main")
        var request = PktLines()
        request.line("want \(try await source.id("main")) ofs-delta\n")
        request.flush()
        request.line("done\n")
        let connection = try RawConnection(port: server.httpPort)
        try await connection.send(
            "POST \(repository.path)/git-upload-pack HTTP/1.1\r\nHost: x\r\n\(alice.basic)\r\nConnection: close\r\n"
                + "Content-Type: application/x-git-upload-pack-request\r\nContent-Length: \(request.bytes.count)\r\n\r\n"
        )
        try await connection.send(request.bytes)
        let (first, _) = try await connection.receive(limit: 100_000)
        server.signal(SIGTERM)
        try await Task.sleep(for: .milliseconds(500))
        #expect(server.isRunning)
        #expect((try? await server.curl("GET", "/healthz").status) ?? 0 != 200, "new connections are not accepted")
        let (rest, _) = try await connection.receive()
        let answer = HTTPAnswer(reading: first + rest)
        let pack = Array(answer.body.drop { $0 != 0x50 })
        let reader = try await story.git().newRepository("reader")
        let indexed = try await reader.attempt("index-pack", "--stdin", input: pack)
        #expect(indexed.succeeded, "\(indexed)")
        let stopped = try await eventually(within: .seconds(40)) { !server.isRunning }
        #expect(stopped)
        #expect(try await server.stop() == 0)
    }

    @Test func twoServersDoNotShareADataDirectory() async throws {
        let shared = try SharedServer.running
        var command = Command(
            GranaryServer.executable,
            [
                "serve", "--data", shared.server.dataDirectory, "--http", "127.0.0.1:0", "--ssh", "off", "--metrics",
                "off",
            ]
        )
        command.timeout = .seconds(20)
        let second = try await command.run()
        #expect(!second.succeeded && !second.timedOut, "\(second)")
        #expect(try await shared.server.curl("GET", "/healthz").status == 200)
    }
}
