import GranaryTesting
import Testing

/// Hugging Face's clients by chunks, with the bytes in an S3 store.
@Suite(
    "Chunks in an S3 store",
    .serialized,
    .ownServers,
    .enabled(if: HubClient.newest.interpreter != nil, "GRANARY_TEST_HUB_NEWEST is not set"),
    .enabled(if: S3TestServer.shared != nil, "there is no S3 store to test with")
)
struct ChunksOnS3 {
    @Test(arguments: S3Way.allCases, ["chunks", "uploads"])
    func everyStepIsRight(way: S3Way, topic: String) async throws {
        let story = try await Story.onS3(way)
        let secrets = try await ClientPeople(server: story.server, alice: story.owner).secrets()
        let result = try await HubClient.newest.run(topic, against: story.server, secrets: secrets)
        #expect(result.succeeded, "\(result)")
    }
}
