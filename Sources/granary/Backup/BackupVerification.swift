import Metadata
import ObjectStore

/// Reads everything that points consist of, and says what is not as it was.
struct BackupVerification: Sendable {
    /// The backup.
    let place: BackupPlace

    /// What was found.
    struct Outcome: Sendable {
        /// What was read, each content once.
        var read = BackupAmount()
        /// Sentences, each with the point that it is about.
        var problems: [String] = []
        fileprivate var seen: Set<ObjectKey> = []
    }

    /// Verifies points.
    func run(_ points: [String]) async throws -> Outcome {
        var outcome = Outcome()
        for point in points {
            do {
                try await verify(point, &outcome)
            } catch let failure as CommandFailure {
                outcome.problems.append("\(point): \(failure.message)")
            } catch ObjectStoreError.damaged(let key) {
                outcome.problems.append("\(point): a list of the manifest is damaged: \(key)")
            }
        }
        return outcome
    }

    private func verify(_ point: String, _ outcome: inout Outcome) async throws {
        let manifest = try await place.manifest(of: point)
        guard manifest.pieces.count == manifest.tables.reduce(0, { $0 + max(0, $1.pieces) }) else {
            throw CommandFailure(.failure, "the manifest names another number of pieces than its tables have")
        }
        for piece in manifest.pieces {
            try await check(try BackupPlace.key(piece), size: nil, "a piece of the database", point, &outcome)
        }
        var result = outcome
        try await place.eachFile(of: manifest) { try await check($0.key, size: $0.size, $0.path, point, &result) }
        try await place.eachObject(of: manifest) {
            try await check($0.key, size: $0.size, "a large file", point, &result)
        }
        outcome = result
    }

    private func check(
        _ key: ObjectKey,
        size: Int64?,
        _ what: String,
        _ point: String,
        _ outcome: inout Outcome
    ) async throws {
        guard outcome.seen.insert(key).inserted else { return }
        guard let reading = try await place.contents.read(key, range: nil) else {
            return outcome.problems.append("\(point): \(what) is missing: \(key)")
        }
        guard size == nil || reading.size == size else {
            return outcome.problems.append("\(point): \(what) has another size: \(key)")
        }
        do {
            for try await _ in reading.bytes {}
            outcome.read.add(reading.size)
        } catch ObjectStoreError.damaged {
            outcome.problems.append("\(point): \(what) is damaged: \(key)")
        }
    }
}
