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

/// When to send another packet to a client that keeps a channel open which has ended: after a fifth of a second, and
/// then each time after twice as long.
struct Reminder {
    private var next: Int64?
    private var pause = Reminder.firstPause

    private static let firstPause: Int64 = 200_000_000
    private static let longestPause: Int64 = 10_000_000_000

    /// Whether there is a channel to remind of.
    var isRunning: Bool { next != nil }

    mutating func isDue(isWaiting: Bool, at now: Int64) -> Bool {
        guard isWaiting else {
            (next, pause) = (nil, Self.firstPause)
            return false
        }
        guard let next else {
            self.next = now + pause
            return false
        }
        guard now >= next else { return false }
        pause = min(pause * 2, Self.longestPause)
        self.next = now + pause
        return true
    }
}
