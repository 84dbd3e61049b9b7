import GranaryTesting
import Testing

/// What is to be told of a topic: the steps are in `fixtures/hub`, a file for each.
private func expectAllSteps(_ topic: String, _ client: HubClient, withoutChunks: Bool = false) async throws {
    let shared = try SharedServer.running
    let secrets = try await shared.clients.secrets()
    let result = try await client.run(topic, against: shared.server, secrets: secrets, withoutChunks: withoutChunks)
    #expect(result.succeeded, "\(result)")
}

@Suite(
    "Hugging Face's newest clients",
    .serialized,
    .sharedServer(Topics.serverArguments),
    .enabled(if: HubClient.newest.interpreter != nil, "GRANARY_TEST_HUB_NEWEST is not set")
)
struct NewestClients {
    @Test(arguments: Topics.all + Topics.ofLibraries)
    func everyStepIsRight(topic: String) async throws { try await expectAllSteps(topic, .newest) }

    @Test(arguments: Topics.ofFiles)
    func everyStepIsRightWithoutChunks(topic: String) async throws {
        try await expectAllSteps(topic, .newest, withoutChunks: true)
    }
}

@Suite(
    "Hugging Face's oldest clients",
    .serialized,
    .sharedServer(Topics.serverArguments),
    .enabled(if: HubClient.oldest.interpreter != nil, "GRANARY_TEST_HUB_OLDEST is not set")
)
struct OldestClients {
    @Test(arguments: Topics.all)
    func everyStepIsRight(topic: String) async throws { try await expectAllSteps(topic, .oldest) }

    @Test(arguments: Topics.ofFiles)
    func everyStepIsRightWithoutChunks(topic: String) async throws {
        try await expectAllSteps(topic, .oldest, withoutChunks: true)
    }
}

/// The files of `fixtures/hub`.
private enum Topics {
    static let all = [
        "life_cycle", "uploads", "commits", "downloads", "refs", "errors", "access", "git_both_ways", "file_system",
        "command", "discussions", "pull_requests", "lists", "people", "collections_of_things", "webhooks", "spaces",
        "chunks",
    ]
    /// The steps about webhooks listen on loopback.
    static let serverArguments = ["--set", "webhooks-allow=127.0.0.0/8"]
    static let ofLibraries = ["data_sets", "pretrained"]
    /// What moves large files.
    static let ofFiles = ["uploads", "commits", "downloads", "git_both_ways", "file_system"]
}
