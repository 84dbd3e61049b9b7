import Foundation
import GranaryTesting
import Testing

/// Every operation of the description, tried by everybody, at repositories of every setting.
///
/// An operation is held to its `x-need`; what is special about it is said in `AccessTable+Entries.swift`.
@Suite("Who may call which operation", .serialized, .sharedServer(["--trust-forwarded-headers", "true"]))
struct AccessTable {
    private func operations() async throws -> [DescribedOperation] {
        try await DescribedOperation.all(on: SharedServer.running.server)
    }

    /// Every operation in each way in which it is tried: an entry whose key goes on with "#" and words is one more way.
    private func attempts() async throws -> [AccessAttempt] {
        try await operations().flatMap { operation in
            Self.entries.sorted { $0.key < $1.key }
                .filter { $0.key == operation.id || $0.key.hasPrefix(operation.id + "#") }
                .filter { $0.value.untried == nil }
                .map { AccessAttempt(title: $0.key, operation: operation, entry: $0.value) }
        }
    }

    @Test func everyOperationHasAnEntry() async throws {
        let operations = try await operations()
        for operation in operations {
            #expect(
                Self.entries[operation.id] != nil,
                """
                \(operation.method) \(operation.template) is not in the table of access: add "\(operation.id)": .plain to \
                AccessTable+Entries.swift, or .body(…) with the least that it takes
                """
            )
            #expect(AccessNeed(rawValue: operation.need) != nil, "\(operation.id): no such x-need '\(operation.need)'")
        }
        let known = Set(operations.map(\.id))
        for key in Self.entries.keys.sorted() {
            let id = key.split(separator: "#").first.map(String.init) ?? key
            #expect(known.contains(id), "the entry '\(key)' is about nothing")
        }
    }

    @Test(arguments: AccessSetting.allCases)
    func everybodyGetsWhatTheyMay(setting: AccessSetting) async throws {
        let shared = try SharedServer.running
        _ = try await shared.expiring.begun(on: shared.server)
        let trial = AccessTrial(stage: try await AccessStage(setting), server: shared.server)
        let attempts = try await attempts()
        let prepared = try await trial.prepareRefusals(attempts)
        let before = try await trial.whatTheOwnerSees(attempts)
        for attempt in attempts { try await trial.refuse(attempt, prepared[attempt.title] ?? [:]) }
        let after = try await trial.whatTheOwnerSees(attempts)
        // Tokens are others each time.
        for (path, body) in before where !path.contains("/xet-") {
            let texts = (String(decoding: body, as: UTF8.self), String(decoding: after[path] ?? [], as: UTF8.self))
            #expect(texts.0 == texts.1, "a refused request changed what \(path) tells")
        }
        for attempt in attempts { try await trial.allow(attempt, among: attempts) }
    }

    /// Who may not see a repository is told the same as about one that does not exist.
    @Test func whatIsHiddenIsLikeWhatIsMissing() async throws {
        let trial = AccessTrial(stage: try await AccessStage(.private), server: try SharedServer.running.server)
        for attempt in try await attempts() {
            for actor in [AccessActor.anonymous, .outsider, .boundElsewhere] {
                try await trial.compareHiddenWithMissing(attempt, actor)
            }
        }
    }

    /// Bad credentials are refused before anything else, also where none are needed.
    @Test func badCredentialsOpenNothing() async throws {
        let server = try SharedServer.running.server
        let expiring = try await SharedServer.running.expiring.begun(on: server)
        let trial = AccessTrial(stage: try await AccessStage(.public), server: server)
        let disabled = try await server.addPerson(Story.freshName("person"), role: "admin")
        try await server.granary("user", "disable", disabled.name)
        let unknown = Person(name: "alice", secret: "gra_" + String(repeating: "A", count: 43))
        let expired = try await eventually(within: .seconds(90)) {
            try await server.curl("GET", "/api/whoami-v2", headers: [expiring.bearer]).status == 401
        }
        #expect(expired)
        let bad = [[expiring.bearer], [disabled.bearer], [disabled.basic], [unknown.bearer]]
        for attempt in try await attempts() {
            for answer in try await trial.answers(to: attempt, credentials: bad) {
                #expect(answer.status == 401, "\(attempt.title): \(answer)")
                #expect(
                    answer["x-error-message"] == "Invalid credentials in Authorization header",
                    "\(attempt.title): \(answer)"
                )
            }
        }
    }
}
