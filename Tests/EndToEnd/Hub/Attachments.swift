import Foundation
import GranaryTesting
import Testing

/// What people attach to what they write: a few types of a bounded size, read by whoever was given the address.
@Suite("Attachments", .serialized, .sharedServer, .ownServers) struct Attachments {
    private static let picture: [UInt8] =
        [0x89, 0x50, 0x4e, 0x47] + (0..<2_000).map { UInt8(truncatingIfNeeded: $0 * 7) }

    private func attach(
        _ story: Story,
        _ bytes: [UInt8] = Attachments.picture,
        type: String = "image/png",
        as person: Person?
    ) async throws -> HTTPAnswer {
        let fields = ["Content-Type: \(type)"] + (person.map { [$0.bearer] } ?? [])
        return try await story.server.curl("POST", "/uploads", headers: fields, body: bytes)
    }

    private func path(_ answer: HTTPAnswer, _ story: Story) throws -> String {
        #expect(answer.status == 200, "\(answer)")
        let url = String(decoding: answer.body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(url.hasPrefix(story.server.base + "/uploads/"), "\(url)")
        return String(url.dropFirst(story.server.base.count))
    }

    @Test func everybodyReadsWhatTheyHaveTheAddressOf() async throws {
        let story = try await Story.alone([])
        let first = try path(try await attach(story, as: story.owner), story)
        let second = try path(try await attach(story, as: story.owner), story)
        #expect(first != second)
        let answer = try await story.server.curl("GET", first)
        #expect(answer.body == Self.picture && answer["content-type"] == "image/png", "\(answer)")
        #expect(answer["content-security-policy"]?.contains("sandbox") == true, "\(answer)")
        #expect(answer["x-content-type-options"] == "nosniff", "\(answer)")
        let part = try await story.server.curl("GET", first, headers: ["Range: bytes=0-3"])
        #expect(part.status == 206 && part.body == Array(Self.picture.prefix(4)), "\(part)")
        for wrong in ["/uploads/\(String(repeating: "0", count: 32)).png", String(first.dropLast(3)) + "gif"] {
            #expect(try await story.server.curl("GET", wrong).status == 404, "\(wrong)")
        }
        // No repository has the bytes, and yet nobody collects them.
        try await story.server.granary("lfs", "gc", "--grace", "0", "--keep", "0")
        #expect(try await story.server.curl("GET", second).body == Self.picture)
    }

    @Test func onlyAccountsAttachAndOnlySomeTypes() async throws {
        let story = try await Story.begin(isPrivate: false)
        #expect(try await attach(story, as: nil).status == 401)
        for type in ["text/html", "image/svg+xml", "application/octet-stream", "image/png+x"] {
            #expect(try await attach(story, type: type, as: story.owner).status == 400, "\(type)")
        }
        let large = [UInt8](repeating: 7, count: 10 << 20)
        _ = try path(try await attach(story, large, type: "image/gif", as: story.owner), story)
        #expect(try await attach(story, large + [7], type: "image/gif", as: story.owner).status == 413)
        _ = try path(try await attach(story, large + [7], type: "video/mp4", as: story.owner), story)
    }

    /// An account cannot fill the disk with what no quota of a repository counts.
    @Test func anAccountAttachesSoMuch() async throws {
        let story = try await Story.alone([])
        let film = [UInt8](repeating: 1, count: 50 << 20)
        var statuses: [Int] = []
        for _ in 0..<21 { statuses.append(try await attach(story, film, type: "video/webm", as: story.owner).status) }
        #expect(statuses == Array(repeating: 200, count: 20) + [403])
    }
}
