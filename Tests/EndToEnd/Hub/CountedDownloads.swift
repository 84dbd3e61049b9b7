import Foundation
import GranaryTesting
import Testing

/// Downloads are counted in memory, and no count is lost when the server stops.
@Suite("Counted downloads", .serialized, .ownServers)
struct CountedDownloads {
    @Test func whatIsDownloadedIsCountedOnceAndKept() async throws {
        let story = try await Story.alone(isPrivate: false)
        _ = try await story.seeded()
        let (server, file) = (story.server, "/alice/alone/resolve/main/README.md")
        func counts() async throws -> [Int] {
            let path = "/api/models/alice/alone?expand=downloads&expand=downloadsAllTime&expand=trendingScore"
            let info = try await server.curl("GET", path).json
            return ["downloads", "downloadsAllTime", "trendingScore"].map { info[$0] as? Int ?? -1 }
        }
        for path in [file, "/alice/alone/resolve/main/none", "/alice/alone/raw/main/README.md"] {
            _ = try await server.curl("HEAD", path)
        }
        _ = try await server.curl("GET", "/alice/alone/raw/main/README.md")
        _ = try await server.curl("GET", "/alice/alone/resolve/main/none")
        for _ in 0..<5 { #expect(try await server.curl("GET", file).status == 200) }
        // Within the seconds for which counts wait in memory.
        #expect(try await server.stop() == 0)
        try await server.start()
        #expect(try await counts() == [1, 1, 1])
        let bob = try await server.addPerson("bob")
        _ = try await server.curl("HEAD", file, headers: [bob.bearer, "X-HF-Download-Counter: 1"])
        #expect(try await eventually { try await counts() == [2, 2, 2] })
        #expect(try await server.stop() == 0)
    }
}
