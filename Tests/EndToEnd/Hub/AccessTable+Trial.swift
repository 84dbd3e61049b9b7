import Foundation
import GranaryTesting
import Testing

/// Tries operations on a stage and looks at the answers.
struct AccessTrial: Sendable {
    let stage: AccessStage
    let server: GranaryServer

    private func verdict(_ attempt: AccessAttempt, _ actor: AccessActor) throws -> AccessVerdict {
        let need = try #require(AccessNeed(rawValue: attempt.operation.need), "\(attempt.title): no such x-need")
        return attempt.entry.verdict(actor, stage.setting, need)
    }

    private func request(
        _ attempt: AccessAttempt,
        _ actor: AccessActor,
        in scene: AccessStage.Scene,
        _ words: [String: String]
    ) throws -> PlannedRequest {
        let credentials = stage.credentials(actor, in: scene)
        let words = words.merging(["actor": stage.name(of: actor)]) { known, _ in known }
        return try attempt.operation.request(attempt.entry, credentials: credentials) { text in
            fill(text, for: scene.repository, words)
        }
    }

    /// Longer words first, as "$name" is the beginning of "$namespace".
    private func fill(_ text: String, for repository: HostedRepository, _ words: [String: String]) -> String {
        let types = repository.type == "mcp" ? "mcpservers" : repository.type + "s"
        let known = [
            "name": repository.name, "namespace": repository.namespace, "type": repository.type, "types": types,
            "id": "\(repository.namespace)/\(repository.name)", "outsider": stage.name(of: .outsider),
        ].merging(words) { $1 }
        return known.sorted { $0.key.count > $1.key.count }.reduce(text) { text, word in
            text.replacing("$" + word.key, with: word.value)
        }
    }

    /// Does what has to be done before an operation, and gives the words that it makes.
    private func prepare(
        _ attempt: AccessAttempt,
        for actor: AccessActor,
        in scene: AccessStage.Scene,
        _ attempts: [AccessAttempt]
    ) async throws -> [String: String] {
        var words = ["fresh": Story.freshName("fresh")]
        guard let preparation = attempt.entry.preparation else { return words }
        let first = try #require(
            attempts.first { $0.title == preparation.operation },
            "the entry for '\(attempt.title)' is after an operation that does not exist: '\(preparation.operation)'"
        )
        let isOwn = try preparation.byActor && verdict(first, actor) == .allowed
        let maker = isOwn ? actor : .owner
        words.merge(try await prepare(first, for: maker, in: scene, attempts)) { $1 }
        let answer = try await send([try request(first, maker, in: scene, words)])[0]
        try #require(answer.status < 400, "'\(first.title)', made ready for '\(attempt.title)': \(answer)")
        guard let keys = preparation.made else { return words }
        let made: String = try #require(
            Self.text(at: keys, in: answer.json),
            "\(first.title): no '\(keys)' in \(answer)"
        )
        words["before"] = words["made"]
        words["made"] = made
        return words
    }

    private static func text(at keys: String, in object: [String: Any]) -> String? {
        let value = keys.split(separator: ".").reduce(object as Any?) { value, key in
            (value as? [String: Any])?[String(key)]
        }
        return (value as? String) ?? (value as? NSNumber).map { "\($0)" }
    }

    /// Every request comes from an address of its own, so that none meets the limits of one address.
    private func send(_ requests: [PlannedRequest]) async throws -> [HTTPAnswer] {
        try await server.curl.all(
            requests.map { request in
                var request = request
                let parts = (0..<3).map { _ in String(UInt8.random(in: 1...254)) }
                request.headers.append("X-Forwarded-For: 10.\(parts.joined(separator: "."))")
                return request
            }
        )
    }

    private func refused(_ attempt: AccessAttempt) throws -> [AccessActor] {
        try AccessActor.allCases.filter { try verdict(attempt, $0) != .allowed }
    }

    /// Does what has to be done before the refusals, and gives the words that it makes, by attempt.
    func prepareRefusals(_ attempts: [AccessAttempt]) async throws -> [String: [String: String]] {
        var words: [String: [String: String]] = [:]
        for attempt in attempts where try !refused(attempt).isEmpty {
            let scene = try await stage.scene(attempt.operation.repositoryType)
            words[attempt.title] = try await prepare(attempt, for: .owner, in: scene, attempts)
        }
        return words
    }

    /// Whoever may not is refused, with the status and the code for it.
    func refuse(_ attempt: AccessAttempt, _ words: [String: String]) async throws {
        let scene = try await stage.scene(attempt.operation.repositoryType)
        let actors = try refused(attempt)
        guard !actors.isEmpty else { return }
        let answers = try await send(actors.map { try request(attempt, $0, in: scene, words) })
        for (actor, answer) in zip(actors, answers) {
            let verdict = try verdict(attempt, actor)
            let title =
                "\(attempt.title) by \(actor.rawValue), \(stage.setting.rawValue): has to be \(verdict.rawValue)"
            #expect(answer.status == verdict.status, "\(title): \(answer)")
            if verdict == .hidden { #expect(answer["x-error-code"] == "RepoNotFound", "\(title): \(answer)") }
            #expect(answer["x-error-message"]?.isEmpty == false, "\(title): \(answer)")
        }
    }

    /// Whoever may is served.
    func allow(_ attempt: AccessAttempt, among attempts: [AccessAttempt]) async throws {
        let (entry, type) = (attempt.entry, attempt.operation.repositoryType)
        let actors = try AccessActor.allCases.filter { try verdict(attempt, $0) == .allowed }
        // Where one request leaves nothing behind that the next one meets, one client sends them all.
        let isAlone = entry.isConsuming || entry.preparation != nil
        for group in isAlone ? actors.map({ [$0] }) : [actors] where !group.isEmpty {
            let scene = try await entry.isConsuming ? stage.freshScene(type) : stage.scene(type)
            var requests: [PlannedRequest] = []
            for actor in group {
                let words = try await prepare(attempt, for: actor, in: scene, attempts)
                requests.append(try request(attempt, actor, in: scene, words))
            }
            for (actor, answer) in zip(group, try await send(requests)) {
                // A repository that may not be seen is not there: that code never stands for something else.
                let isServed = (200..<400).contains(answer.status) || entry.letsThrough.contains(answer.status)
                #expect(
                    isServed && answer["x-error-code"] != "RepoNotFound",
                    "\(attempt.title) by \(actor.rawValue), \(stage.setting.rawValue): has to be allowed: \(answer)"
                )
            }
        }
    }

    /// What all operations that read tell the owner, by their requests.
    func whatTheOwnerSees(_ attempts: [AccessAttempt]) async throws -> [String: [UInt8]] {
        var requests: [PlannedRequest] = []
        for attempt in attempts where attempt.operation.method == "GET" && attempt.operation.isAboutRepository {
            guard attempt.entry.preparation == nil else { continue }
            let scene = try await stage.scene(attempt.operation.repositoryType)
            requests.append(try request(attempt, .owner, in: scene, ["fresh": "none"]))
        }
        var seen: [String: [UInt8]] = [:]
        for (request, answer) in zip(requests, try await send(requests)) {
            // The owner's own reading counts as use, some seconds later.
            seen[request.path] = Array(
                answer.text.replacing(#/"(downloads|trendingScore|usedStorage)":\d+/#, with: "").utf8
            )
        }
        return seen
    }

    /// The private repository and one that does not exist give the same answer, but for their names.
    func compareHiddenWithMissing(_ attempt: AccessAttempt, _ actor: AccessActor) async throws {
        let scene = try await stage.scene(attempt.operation.repositoryType)
        let (id, entry) = (attempt.title, attempt.entry)
        guard
            ["$name", "$id"].contains(where: { entry.body?.contains($0) == true })
                || attempt.operation.isAboutRepository
        else { return }
        let words = ["fresh": Story.freshName("fresh"), "made": "0123456789abcdef0123456789abcdef"]
        let missing = words.merging(["name": "nothing-here", "id": "alice/nothing-here"]) { $1 }
        let answers = try await send([
            try request(attempt, actor, in: scene, words), try request(attempt, actor, in: scene, missing),
        ])
        let text = answers[0].text.replacing(scene.repository.name, with: "nothing-here")
        #expect(answers[0].status == answers[1].status && text == answers[1].text, "\(id) by \(actor): \(answers)")
        #expect(answers[0]["x-error-code"] == answers[1]["x-error-code"], "\(id) by \(actor): \(answers)")
        let names = [Set(answers[0].headers.map(\.name)), Set(answers[1].headers.map(\.name))]
        #expect(names[0] == names[1], "\(id) by \(actor): \(answers)")
    }

    /// The answers to an operation with each of some credentials, at the repository of the stage.
    func answers(to attempt: AccessAttempt, credentials: [[String]]) async throws -> [HTTPAnswer] {
        let scene = try await stage.scene(attempt.operation.repositoryType)
        let words = ["fresh": "nothing", "made": "0123456789abcdef0123456789abcdef", "actor": "alice"]
        let entry = attempt.entry
        return try await send(
            credentials.map { credentials in
                try attempt.operation.request(entry, credentials: credentials) {
                    fill($0, for: scene.repository, words)
                }
            }
        )
    }
}
