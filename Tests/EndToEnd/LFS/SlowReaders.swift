import GranaryTesting
import Testing

@Suite("Slow readers of large files", .serialized, .sharedServer(["--set", "limits.idle-seconds=4"]))
struct SlowReaders {
    private func begin() async throws -> (connection: RawConnection, size: Int) {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 48 << 20, seed: 91)
        #expect(try await story.lfs.upload(sample).status == 200)
        let target = try await story.lfs.link("download", sample).dropFirst(story.server.base.count)
        let connection = try RawConnection(port: story.server.httpPort)
        try await connection.send("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return (connection, 48 << 20)
    }

    /// Far below the speed at which one piece of the file would be through within the limit.
    @Test func whoTakesSomeIsNotCutOff() async throws {
        let (connection, size) = try await begin()
        var received = 0
        for _ in 0..<24 {
            let (bytes, closed) = try await connection.receive(limit: 512 << 10)
            #expect(!closed && !bytes.isEmpty)
            received += bytes.count
            try await Task.sleep(for: .milliseconds(400))
        }
        let (rest, _) = try await connection.receive()
        #expect(received + rest.count > size)
    }

    @Test func whoTakesNothingIs() async throws {
        let (connection, size) = try await begin()
        try await Task.sleep(for: .seconds(8))
        let (bytes, closed) = try await connection.receive()
        #expect(closed && bytes.count < size, "\(bytes.count) bytes came")
    }
}
