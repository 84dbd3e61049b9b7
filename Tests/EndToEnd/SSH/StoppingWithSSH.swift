import GranaryTesting
import Testing

@Suite("Stopping a server with SSH connections", .serialized, .ownServers)
struct StoppingWithSSH {
    @Test func idleConnectionsDoNotHoldUpAStop() async throws {
        let story = try await Story.alone()
        let master = try await SSHMaster.open(story.ssh)
        #expect(try await master.client(nil).status == 1)
        let half = try RawConnection(port: story.server.sshPort)
        try await half.send("SSH-2.0-half\r\n")
        #expect(try await story.server.stop(within: .seconds(20)) == 0)
        let ended = try await eventually(within: .seconds(10)) { !master.isOpen }
        #expect(ended)
        half.close()
    }

    @Test func aRunningCloneIsFinished() async throws {
        let story = try await Story.alone()
        let source = try await story.git().imported("source", .incompressible(files: 24, bytesEach: 1 << 20, seed: 351))
        try await source("push", "--quiet", story.url(), "main")
        var request = PktLines()
        request.line("want \(try await source.id("main")) ofs-delta\n")
        request.flush()
        request.line("done\n")
        let files = try TemporaryDirectory("clone")
        let input = try files.write("request", request.bytes)
        let ssh = "\(story.ssh.shellWords) -p \(story.server.sshPort) git@127.0.0.1"
        let script =
            "\(ssh) git-upload-pack \(story.repository.path) < \(input) | "
            + "(head -c 100000; touch \(files.path("started")); sleep 2; cat) > \(files.path("answer"))"
        let clone = try Command("sh", ["-c", script]).start(in: files)
        let started = try await eventually { files.contents("answer").count >= 100_000 }
        #expect(started)
        let status = try await story.server.stop(within: .seconds(60))
        #expect(status == 0)
        #expect(await clone.wait(timeout: .seconds(20))?.status == 0)
        let answer = files.contents("answer")
        let marker = Array("0008NAK\nPACK".utf8)
        let start = try #require(answer.indices.first { answer[$0...].starts(with: marker) })
        let reader = try await story.git().newRepository("reader")
        let indexed = try await reader.attempt("index-pack", "--stdin", input: Array(answer[(start + 8)...]))
        #expect(indexed.succeeded, "\(indexed)")
    }

    @Test func aKilledServerComesBackAtTheSamePort() async throws {
        let story = try await Story.alone()
        let work = try await story.seeded(.standardSSH)
        await story.server.kill()
        let down = try await work.attempt("fetch", "origin")
        #expect(!down.succeeded, "\(down)")
        try await story.server.start()
        try await work("fetch", "origin")
        #expect(try await story.server.stop() == 0)
    }
}
