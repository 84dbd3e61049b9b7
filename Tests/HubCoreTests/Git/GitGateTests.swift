import Access
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

    /// However many a few clients want, whoever comes next finds a place.
    @Test func theLastPlacesAreForThoseWhoHaveNone() async throws {
        let gate = GitGate(GitConcurrency(total: 12, perClient: 6))
        var given: [Int] = []
        let held = Held(gate)
        for client in ["a", "b", "c", "d", "e", "f"] {
            var count = 0
            while try await held.enter(as: client) { count += 1 }
            given.append(count)
        }
        #expect(given == [6, 3, 1, 1, 1, 0])
        #expect(gate.count == 12)
        await held.leaveAll()
        #expect(gate.count == 0)
    }

    @Test func countsNetworksAndWhatKeysBelongTo() throws {
        let id = try #require(RecordID(String(repeating: "a", count: 32)))
        let other = try #require(RecordID(String(repeating: "b", count: 32)))
        func key(_ id: RecordID, _ restriction: TokenScope.Restriction) -> Actor {
            .key(KeyActor(id: id, fingerprint: "SHA256:x", role: .write, restriction: restriction))
        }
        let user = Actor.user(UserActor(id: id, name: "ada", isAdmin: false))
        #expect(user.gateClient(at: "192.0.2.1") == id.text)
        for number in [id, other] {
            #expect(key(number, .repository(other)).gateClient(at: "192.0.2.1") == other.text)
            #expect(key(number, .namespace(id)).gateClient(at: "192.0.2.1") == id.text)
        }
        let network = Actor.anonymous.gateClient(at: "2001:db8::1")
        #expect(network == Actor.anonymous.gateClient(at: "2001:db8::ffff:2"))
        #expect(network != Actor.anonymous.gateClient(at: "2001:db8:1::1"))
        #expect(Actor.anonymous.gateClient(at: "192.0.2.1") == "192.0.2.1")
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

/// Requests that wait inside a gate until they are told to leave.
private actor Held {
    private let gate: GitGate
    private var inside: [Task<Void, any Error>] = []
    private var leaving: [CheckedContinuation<Void, Never>] = []

    init(_ gate: GitGate) {
        self.gate = gate
    }

    /// Lets one more in; false when the gate does not.
    func enter(as client: String) async throws -> Bool {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Bool.self)
        let request = Task {
            do {
                try await gate.pass(as: client) { await stay(arrived) }
            } catch is HubError {
                arrived.yield(false)
            }
        }
        inside.append(request)
        var iterator = arrivals.makeAsyncIterator()
        return await iterator.next() ?? false
    }

    private func stay(_ arrived: AsyncStream<Bool>.Continuation) async {
        await withCheckedContinuation { continuation in
            leaving.append(continuation)
            arrived.yield(true)
        }
    }

    func leaveAll() async {
        for continuation in leaving { continuation.resume() }
        leaving = []
        for request in inside { _ = await request.result }
    }
}
