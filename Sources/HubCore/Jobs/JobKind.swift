package import Metadata

/// A kind of work that can wait, and how it is done.
///
/// It may be done more than once, by several nodes, and after what it is about is gone: it has to be idempotent.
package struct JobKind: Sendable {
    /// The word in the table.
    package let name: String
    /// How many jobs of the kind run at once on this node.
    package let concurrency: Int
    /// After so many failures it is given up.
    package let maximumAttempts: Int
    /// How long one try may take; then it is broken off and counts as failed.
    package let seconds: Int
    /// Seconds between two runs of work that is done again and again without being asked for; nil for work that is asked for.
    package let every: Int?
    /// Does the work; throws why it could not, in words for an administrator.
    package let run: @Sendable (JobRecord) async throws -> Void

    /// A kind of work.
    package init(
        _ name: String,
        concurrency: Int = 2,
        maximumAttempts: Int = 5,
        seconds: Int = 300,
        every: Int? = nil,
        run: @escaping @Sendable (JobRecord) async throws -> Void
    ) {
        self.name = name
        self.concurrency = concurrency
        self.maximumAttempts = maximumAttempts
        self.seconds = seconds
        self.every = every
        self.run = run
    }

    /// The key of the one job of a kind that runs again and again.
    static let periodicKey = "periodic"

    /// When work that runs every so many seconds runs next: up to a tenth earlier, so that nodes and hubs that were started
    /// together do not work together for ever.
    ///
    /// - Parameter chance: 0 through 255.
    static func next(_ every: Int, after now: Timestamp, chance: UInt8) -> Timestamp {
        now.adding(seconds: Int64(every) - Int64(every) / 10 * Int64(chance) / 255)
    }

    /// When a job is tried again after so many failures: 5 s, 10 s, 20 s, … at most an hour, and up to a quarter more, so
    /// that what failed together does not come back together.
    ///
    /// - Parameter chance: 0 through 255.
    static func delay(afterAttempts attempts: Int, chance: UInt8) -> Int64 {
        let doublings = min(max(attempts - 1, 0), 10)
        let microseconds = min(Int64(5) << Int64(doublings), 3_600) * 1_000_000
        return microseconds + microseconds / 4 * Int64(chance) / 255
    }
}
