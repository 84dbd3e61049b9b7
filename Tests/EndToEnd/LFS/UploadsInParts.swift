import Foundation
import GranaryTesting
import Testing

/// What Hugging Face's clients do with files over 5 GiB, as far as a test suite can afford: all but the end.
@Suite("Uploads in parts", .serialized, .ownServers)
struct UploadsInParts {
    private static let size: Int64 = 6 << 30
    private static let oid = String(repeating: "5a", count: 32)

    private func actions(_ story: Story, transfers: String) async throws -> BatchReply {
        let object = #"{"oid":"\#(Self.oid)","size":\#(Self.size)}"#
        let body = #"{"operation":"upload","transfers":[\#(transfers)],"objects":[\#(object)]}"#
        let answer = try await story.lfs("POST", "objects/batch", body)
        return try JSONDecoder().decode(BatchReply.self, from: Data(answer.body))
    }

    @Test func partsSurviveARestart() async throws {
        let story = try await Story.alone()
        let reply = try await actions(story, transfers: #""basic","multipart""#)
        #expect(reply.transfer == "multipart")
        let upload = try #require(reply.objects.first?.actions?["upload"])
        let header = try #require(upload.header)
        let chunk = try #require(header["chunk_size"].flatMap { Int64($0) })
        let urls = header.filter { $0.key != "chunk_size" }.sorted { $0.key < $1.key }
        #expect(urls.count == Int((Self.size + chunk - 1) / chunk))
        #expect(Set(urls.map(\.key.count)).count == 1 && urls.map { Int($0.key) } == Array(1...urls.count))

        let part = try ObjectSample(size: chunk, seed: 97).array()
        for (index, bytes) in [(0, Array(part.dropLast())), (1, part + [0])] {
            #expect(try await story.lfs.follow("PUT", urls[index].value, body: bytes).status == 400)
        }
        let first = try await story.lfs.follow("PUT", urls[0].value, body: part)
        #expect(first.status == 200 && first["etag"]?.isEmpty == false, "\(first)")
        await story.server.kill()
        try await story.server.start()
        let second = try await story.lfs.follow("PUT", urls[1].value, body: part)
        #expect(second.status == 200 && second["etag"]?.isEmpty == false, "\(second)")
        // The same part again is the same part.
        #expect(try await story.lfs.follow("PUT", urls[1].value, body: part)["etag"] == second["etag"])

        let tags = [first, second].map { ($0["etag"] ?? "").filter { $0 != "\"" } }.enumerated()
        let parts = tags.map { #"{"partNumber":\#($0 + 1),"etag":"\#($1)"}"# }.joined(separator: ",")
        for (list, status) in [(parts, 400), ("", 422), (#"{"partNumber":2,"etag":"x"}"#, 422)] {
            let body = #"{"oid":"\#(Self.oid)","parts":[\#(list)]}"#
            let answer = try await story.lfs.follow("POST", upload.href, body: Array(body.utf8))
            #expect(answer.status == status, "\(answer)")
        }
        let others = [
            urls[0].value.replacing("&part=1&", with: "&part=2&"), upload.href.replacing("/complete?", with: "?"),
        ]
        for link in others { #expect(try await story.lfs.follow("PUT", link, body: part).status == 403) }
        #expect(try await story.server.stop() == 0)
    }

    @Test func clientsThatKnowNoPartsSendTheWhole() async throws {
        let story = try await Story.alone()
        for transfers in ["", #""basic""#, #""tus","lfs-standalone-file""#] {
            let reply = try await actions(story, transfers: transfers)
            #expect(reply.transfer == "basic" && reply.objects.first?.actions?["upload"]?.header?["chunk_size"] == nil)
        }
        #expect(try await story.server.stop() == 0)
    }
}
