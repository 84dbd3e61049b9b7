import GranaryTesting
import Synchronization
import Testing

/// One server for all stories of a suite, started before the first and stopped after the last.
///
/// At most three suites run at the same time and the stories of each run one after another: clients wait now and then, and
/// more would make a machine with two cores try the scheduler and not the server.
struct ServerTrait: SuiteTrait, TestScoping {
    /// More flags for `granary serve`.
    var arguments: [String] = []
    /// False for suites that start servers of their own and only need their turn.
    var startsServer = true
    /// False for suites that mostly wait.
    var takesTurn = true

    @TaskLocal static var current: SharedServer?
    private static let turns = Slots(3)

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        guard takesTurn else { return try await perform(test, testCase, function) }
        try await Self.turns.withSlot { try await perform(test, testCase, function) }
    }

    private func perform(
        _ test: Test,
        _ testCase: Test.Case?,
        _ function: @Sendable () async throws -> Void
    ) async throws {
        guard startsServer else { return try await function() }
        let server = try await GranaryServer.start(arguments)
        let failed = Mutex(false)
        let watch = IssueHandlingTrait.compactMapIssues { issue in
            failed.withLock { $0 = true }
            return issue
        }
        do {
            let shared = SharedServer(server: server, alice: try await server.addPerson("alice"))
            try await Self.$current.withValue(shared) {
                try await watch.provideScope(for: test, testCase: testCase, performing: function)
            }
        } catch {
            await server.kill()
            throw error
        }
        let status = try await server.stop()
        #expect(status == 0, "the server of \(test.name) stopped with status \(status)")
        if failed.withLock({ $0 }) || status != 0 {
            print("--- end of the log of \(test.name)'s server\n\(server.log.suffix(6_000))\n---")
        }
    }
}

extension Trait where Self == ServerTrait {
    /// One server for the suite.
    static var sharedServer: Self { ServerTrait() }
    /// No server, but a turn among the suites.
    static var ownServers: Self { ServerTrait(startsServer: false) }

    /// One server for the suite with more flags.
    static func sharedServer(_ arguments: [String] = [], takesTurn: Bool = true) -> Self {
        ServerTrait(arguments: arguments, takesTurn: takesTurn)
    }
}

/// The server of a suite and the person who owns most repositories.
struct SharedServer: Sendable {
    /// The server.
    let server: GranaryServer
    /// Has an account and a write token.
    let alice: Person
    /// A repository for stories that change nothing in it.
    let common = CommonStory()
    /// The people whom Python clients play.
    let clients: ClientPeople

    /// A token of alice that expires soon.
    let expiring = ExpiringToken()

    /// A server with its first person.
    init(server: GranaryServer, alice: Person) {
        self.server = server
        self.alice = alice
        clients = ClientPeople(server: server, alice: alice)
    }

    /// The server of the suite that is running.
    static var running: SharedServer {
        get throws { try #require(ServerTrait.current, "the suite lacks the trait .sharedServer") }
    }
}

/// One repository with three commits that all stories of a suite may attack, made when it is first needed.
actor CommonStory {
    private var made: Task<(Story, GitClient), any Error>?

    /// The story, and the repository that was pushed.
    func begun() async throws -> (story: Story, work: GitClient) {
        if let made { return try await made.value }
        let task = Task {
            let story = try await Story.begin()
            return (story, try await story.seeded())
        }
        made = task
        return try await task.value
    }
}

/// A token that is valid for a minute, the shortest time there is; made early, so that the stories that need it expired need not
/// wait as long.
actor ExpiringToken {
    private var made: Task<Person, any Error>?

    /// The token, which alice has from now on.
    func begun(on server: GranaryServer) async throws -> Person {
        if let made { return try await made.value }
        let task = Task { try await server.addToken(to: "alice", named: "minute", role: "admin", "--expires", "1m") }
        made = task
        return try await task.value
    }
}
