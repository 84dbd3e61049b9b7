/// When the client last gave a sign of life, and how often it was asked for one since.
struct Keepalive {
    private(set) var lastSign: Int64 = 0
    private(set) var unanswered = 0
    private var received: UInt64 = .max

    static let limit = 3

    mutating func note(received count: UInt64, at now: Int64) {
        guard count != received else { return }
        (received, lastSign, unanswered) = (count, now, 0)
    }

    /// A question is as good as a sign for the clock, so that the next one comes after the same time.
    mutating func ask(at now: Int64) {
        (lastSign, unanswered) = (now, unanswered + 1)
    }
}

/// When to send another packet after the end of a command: after a fifth of a second, and three times more, each time after
/// twice as long.
struct Reminder {
    private var next: Int64?
    private var count = 0

    private static let firstPause: Int64 = 200_000_000
    private static let limit = 4

    /// Whether another one is to come.
    var isRunning: Bool { next != nil }

    /// Whether it is time for one.
    ///
    /// - Parameter isQuiet: whether no command runs, after at least one has.
    mutating func isDue(isQuiet: Bool, at now: Int64) -> Bool {
        guard isQuiet else {
            (next, count) = (nil, 0)
            return false
        }
        guard count < Self.limit else { return false }
        guard let due = next else {
            next = now + Self.firstPause
            return false
        }
        guard now >= due else { return false }
        count += 1
        next = count < Self.limit ? now + Self.firstPause << Int64(count) : nil
        return true
    }
}
