import Foundation
import GranaryTesting
import Testing

@Suite("Slow and dying clients", .serialized, .sharedServer)
struct DyingClients {
    private func head(_ story: Story, _ service: String, length: Int) -> String {
        """
        POST \(story.repository.path)/\(service) HTTP/1.1\r
        Host: granary\r
        Content-Type: application/x-\(service)-request\r
        \(story.owner.basic)\r
        Content-Length: \(length)\r
        \r

        """
    }

    /// Checks that what the server holds is again about what it held before; it may have opened more of its database
    /// connections, but each story breaks off more often than that.
    private func expectFreed(_ story: Story, since before: GranaryServer.Measurements) async throws {
        let freed = try await eventually(within: .seconds(60)) {
            let now = try story.server.measurements()
            return now.descriptors <= before.descriptors + 20 && now.threads <= before.threads + 8
                && story.server.leftovers(of: story.repository).isEmpty
        }
        let now = try story.server.measurements()
        #expect(freed, "before \(before), now \(now), \(story.server.leftovers(of: story.repository))")
    }

    @Test func pushesThatBreakOffLeaveNothingBehind() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        var random = SeededRandom(81)
        let objects = (0..<40).map { _ in GitObject(.blob, random.bytes(20_000)) }
        let request = PushRequest(
            creating: "refs/heads/x",
            at: try await work.id("main"),
            pack: try HostilePack(objects).bytes
        ).bytes
        let start = try story.server.measurements()
        for index in 0..<40 {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(head(story, "git-receive-pack", length: request.count))
            let cut = Int.random(in: 0..<request.count, using: &random)
            try? await connection.send(Array(request[..<cut]))
            if index % 3 == 0 { try await Task.sleep(for: .milliseconds(20)) }
            if index % 2 == 0 { connection.reset() } else { connection.close() }
        }
        try await expectFreed(story, since: start)
        try await story.expectUnchanged(since: before)
        try await work.commit("after", ["after": "a\n"])
        try await work("push", "origin", "main")
        try await story.verify(equals: work)
    }

    @Test func clonesThatBreakOffFreeTheirThreads() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .incompressible(files: 24, bytesEach: 1 << 20, seed: 82))
        try await source("push", "--quiet", story.url(), "main")
        var request = PktLines()
        request.line("command=fetch\n")
        request.delimiter()
        request.line("want \(try await source.id("main"))\n")
        request.line("done\n")
        request.flush()
        let start = try story.server.measurements()
        for index in 0..<40 {
            let connection = try RawConnection(port: story.server.httpPort)
            let header = head(story, "git-upload-pack", length: request.bytes.count)
                .replacingOccurrences(of: "Host: granary", with: "Host: granary\r\nGit-Protocol: version=2")
            try await connection.send(header)
            try await connection.send(request.bytes)
            let (bytes, _) = try await connection.receive(limit: 1 + index * 30_000)
            #expect(HTTPAnswer(reading: bytes).status == 200 || bytes.count < 200)
            connection.reset()
        }
        try await expectFreed(story, since: start)
        let clone = try await story.git().clone(story.url(), "clone")
        #expect(try await clone.objects() == source.objects())
    }

    @Test func killedGitClientsDoNoHarm() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .incompressible(files: 16, bytesEach: 1 << 20, seed: 83))
        try await source("push", "--quiet", story.url(), "main")
        let start = try story.server.measurements()
        var random = SeededRandom(84)
        for index in 0..<10 {
            let files = try TemporaryDirectory("killed")
            let pushes = index % 2 == 0
            let arguments =
                pushes
                ? ["push", "--quiet", story.url(), "main:refs/heads/killed-\(index)"]
                : ["clone", "--quiet", "--bare", story.url(), "killed-\(index)"]
            if pushes { try await source("commit", "--quiet", "--allow-empty", "-m", "killed \(index)") }
            let child = try source.start(arguments, in: files)
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...250, using: &random)))
            await child.kill()
        }
        try await expectFreed(story, since: start)
        try await story.verify()
    }

    @Test func pausingReadersDoNotStopOthers() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .incompressible(files: 24, bytesEach: 1 << 20, seed: 85))
        try await source("push", "--quiet", story.url(), "main")
        var request = PktLines()
        request.line("want \(try await source.id("main")) side-band-64k ofs-delta\n")
        request.flush()
        request.line("done\n")
        let start = try story.server.measurements()
        try story.server.resetPeak()
        var paused: [RawConnection] = []
        for _ in 0..<16 {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(head(story, "git-upload-pack", length: request.bytes.count))
            try await connection.send(request.bytes)
            _ = try await connection.receive(limit: 1_000)
            paused.append(connection)
        }
        let clone = try await story.git().clone(story.url(), "clone")
        #expect(try await clone.id("HEAD") == source.id("main"))
        let peak = try story.server.measurements().peakResident
        #expect(peak < start.resident + (128 << 20), "peak \(peak >> 20) MiB, before \(start.resident >> 20) MiB")
        for connection in paused { connection.reset() }
        try await expectFreed(story, since: start)
    }

    @Test func headersThatNeverEndAreCutOff() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let start = try story.server.measurements()
        var slow: [RawConnection] = []
        for index in 0..<60 {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(index % 2 == 0 ? "GET / HTTP/1.1\r\nHost: x\r\nX-" : "")
            slow.append(connection)
        }
        // Others are served meanwhile.
        _ = try await story.git().clone(story.url(), "clone")
        for connection in slow.prefix(2) {
            let (_, closed) = try await connection.receive(idle: .seconds(90))
            #expect(closed, "a connection with half a header is kept open")
        }
        slow = []
        try await expectFreed(story, since: start)
    }

    @Test func bodiesThatNeverComeDoNotStopOthers() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let start = try story.server.measurements()
        var slow: [RawConnection] = []
        for index in 0..<24 {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(
                head(story, index % 2 == 0 ? "git-receive-pack" : "git-upload-pack", length: 1_000_000)
            )
            try await connection.send("00a5")
            slow.append(connection)
        }
        try await work.commit("meanwhile", ["m": "m\n"])
        try await work("push", "origin", "main")
        for connection in slow { connection.close() }
        slow = []
        try await expectFreed(story, since: start)
        try await story.verify(equals: work)
    }

    @Test("rule 16: one person cannot take all places")
    func placesAreSharedAmongPeople() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let start = try story.server.measurements()
        var slow: [RawConnection] = []
        for _ in 0..<80 {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(head(story, "git-receive-pack", length: 1_000_000))
            try await connection.send("00a5")
            slow.append(connection)
        }
        let path = story.repository.path + "/info/refs?service=git-upload-pack"
        let limited = try await eventually {
            let answer = try await story.server.curl("GET", path, headers: [story.owner.basic])
            return answer.status == 429 && answer["retry-after"] != nil
        }
        #expect(limited)
        #expect(try await story.server.curl("GET", path, headers: [bob.basic]).status == 200)
        #expect(try await story.server.curl("GET", path).status == 200)
        for connection in slow { connection.close() }
        slow = []
        try await expectFreed(story, since: start)
        #expect(try await story.server.curl("GET", path, headers: [story.owner.basic]).status == 200)
    }
}
