import GranaryTesting
import Testing

/// A page elsewhere cannot make a browser change something with the credentials that it remembers.
@Suite("Pages of other sites", .serialized, .sharedServer)
struct OtherSites {
    @Test func changeNothing() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let path = "/api/models/alice/\(story.repository.name)/super-squash/main"
        let foreign = [
            ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"], ["Origin: https://evil.example"],
            ["Origin: null"], ["Origin: \(story.server.base).evil.example"],
        ]
        for headers in foreign {
            let answer = try await story.server.curl("POST", path, headers: [story.owner.basic] + headers)
            #expect(answer.status == 403, "\(headers): \(answer)")
        }
        let reading = try await story.server.curl(
            "GET",
            "/api/models/alice/\(story.repository.name)",
            headers: [story.owner.basic, "Sec-Fetch-Site: cross-site"]
        )
        #expect(reading.status == 200)
        for headers in [["Sec-Fetch-Site: same-origin"], ["Origin: \(story.server.base)"], []] {
            let answer = try await story.server.curl("POST", path, headers: [story.owner.basic] + headers)
            #expect(answer.status == 200, "\(headers): \(answer)")
        }
    }
}
