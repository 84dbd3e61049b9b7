package import Access
import Logging
import Metadata
import Synchronization

/// Counts downloads: in memory while requests are answered, in the database a few seconds later.
///
/// Whoever takes many files of a repository within some minutes downloads it once.
package final class Downloads: Sendable {
    /// Days after which a download does not count as recent any more.
    private static let days: Int64 = 30
    /// Seconds within which downloads of one repository by one client are one.
    private static let window: Int64 = 300
    /// Clients and repositories that are remembered in each half of that time; further ones count each time.
    private static let mostRemembered = 50_000
    /// Repositories whose counts wait; more than that are not counted.
    private static let mostWaiting = 50_000
    /// Repositories of one transaction, during which nobody else writes.
    private static let batch = 200

    private struct State {
        var waiting: [RecordID: Int64] = [:]
        /// Hashes of repository and client in this period and in the one before.
        var recent: Set<Int> = []
        var older: Set<Int> = []
        var period: Int64 = 0
    }

    private let database: Database
    private let environment: HubEnvironment
    private let logger: Logger
    private let state = Mutex(State())

    init(database: Database, environment: HubEnvironment, logger: Logger) {
        self.database = database
        self.environment = environment
        self.logger = logger
    }

    /// Counts that a client has asked for the content of a file.
    package func note(_ repositoryID: RecordID, by actor: Actor, from client: String) {
        let period = environment.now().seconds / Self.window
        var hasher = Hasher()
        hasher.combine(repositoryID)
        hasher.combine(actor.userID?.text ?? client)
        let visit = hasher.finalize()
        state.withLock { state in
            if state.period != period {
                state.older = period == state.period + 1 ? state.recent : []
                (state.recent, state.period) = ([], period)
            }
            let isNew = !state.recent.contains(visit) && !state.older.contains(visit)
            if state.recent.count < Self.mostRemembered { state.recent.insert(visit) }
            guard isNew, state.waiting[repositoryID] != nil || state.waiting.count < Self.mostWaiting else { return }
            state.waiting[repositoryID, default: 0] += 1
        }
    }

    /// Writes down what waits every few seconds, until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(5))
            await flush()
        }
    }

    /// Writes down what waits; what the database does not take now waits on.
    package func flush() async {
        while true {
            let some = state.withLock { state in
                let some = Array(state.waiting.prefix(Self.batch))
                for (id, _) in some { state.waiting[id] = nil }
                return some
            }
            guard !some.isEmpty else { return }
            // Also while the server stops: a count that was taken is written or put back.
            guard await Task(operation: { await write(some) }).value else {
                state.withLock { state in
                    for (id, count) in some { state.waiting[id, default: 0] += count }
                }
                return
            }
        }
    }

    private func write(_ counts: [(key: RecordID, value: Int64)]) async -> Bool {
        let now = environment.now()
        do {
            try await database.transaction { records in
                for (id, count) in counts {
                    let day = now.seconds / 86_400
                    try records.addDownloads(repositoryID: id, count, day: day) {
                        Trend.value($0, adding: Double(count), at: now)
                    }
                }
            }
            return true
        } catch {
            logger.warning("downloads not counted yet", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Takes the downloads of old days out of the counts, every hour.
    var forgettingJob: JobKind {
        JobKind("downloads.forgetting", concurrency: 1, every: 3_600) { [self] _ in
            let day = environment.now().seconds / 86_400 - Self.days
            while try await database.transaction({ try $0.forgetDownloads(before: day, limit: Self.batch) }) {
                try Task.checkCancellation()
            }
        }
    }
}
