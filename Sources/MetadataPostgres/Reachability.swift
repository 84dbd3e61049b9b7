import Logging
import Metadata
import Synchronization

/// Since when the server cannot be reached, as all connections of a driver have found.
///
/// A restart takes seconds, and who waits for it gets an answer; when it takes longer, everybody is told at once.
final class Reachability: Sendable {
    private let failingSince = Mutex<ContinuousClock.Instant?>(nil)
    private let logger: Logger

    /// A server of which nothing bad is known.
    init(logger: Logger) {
        self.logger = logger
    }

    /// Notes that a connection was made.
    func noteSuccess() {
        let since = failingSince.withLock { since in
            defer { since = nil }
            return since
        }
        if since != nil { logger.notice("the database can be reached again") }
    }

    /// Notes that a connection could not be made.
    /// - Parameter patience: seconds after the first failure in which it is worth trying again.
    /// - Returns: whether to try again.
    func noteFailure(_ error: MetadataError, patience: Double) -> Bool {
        let now = ContinuousClock.now
        let (since, isFirst) = failingSince.withLock { since in
            let isFirst = since == nil
            let start = since ?? now
            since = start
            return (start, isFirst)
        }
        if isFirst { logger.warning("the database cannot be reached", metadata: ["error": "\(error)"]) }
        return now - since < .seconds(patience)
    }
}
