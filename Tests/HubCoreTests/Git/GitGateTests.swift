import HubCore
import Testing

@Suite struct GitGateTests {
    private let gate = GitGate(GitConcurrency(total: 3, perClient: 2))

    @Test func letsEachClientInSoOften() async throws {
        try await gate.pass(as: "a") {
            try await gate.pass(as: "a") {
                await #expect(throws: limited) { try await gate.pass(as: "a") {} }
                try await gate.pass(as: "b") {}
            }
            try await gate.pass(as: "a") {}
        }
    }

    @Test func letsAllTogetherInSoOften() async throws {
        try await gate.pass(as: "a") {
            try await gate.pass(as: "b") {
                try await gate.pass(as: "c") {
                    await #expect(throws: busy) { try await gate.pass(as: "d") {} }
                }
            }
        }
    }

    @Test func countsWhoFailsOut() async throws {
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await gate.pass(as: "a") { throw Failure() } }
        #expect(gate.count == 0)
    }

    private var limited: HubError {
        HubError(.limited(retryAfterSeconds: 5), "You have 2 git requests running. Wait for one to end.")
    }

    private var busy: HubError {
        HubError(.unavailable(retryAfterSeconds: 5), "The hub is busy. Try again in a few seconds.")
    }
}
