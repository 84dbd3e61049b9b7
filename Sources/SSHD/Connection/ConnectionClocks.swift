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

/// How long a client that has not logged in has waited for an answer to its signature.
///
/// libssh drops a login without a word when the signature is wrong or of a kind that is not taken, such as SHA-1. The client
/// would wait for the rest of its time, and its owner never learn why.
package struct Silence {
    /// Nanoseconds since which something as large as a signature has had no answer.
    package private(set) var since: Int64?
    private var received: UInt64 = 0
    private var sent: UInt64 = 0

    /// In seconds: libssh answers at once if it does.
    static let limit = 3.0
    /// The smallest request with a signature has about 190 bytes; what means nothing, which some clients send now and then,
    /// has a few.
    private static let signatureBytes: UInt64 = 128

    package init() {}

    /// Looks at what has come, in bytes, and at how many packets have gone.
    package mutating func note(received: UInt64, sent: UInt64, at now: Int64) {
        if sent != self.sent {
            since = nil
        } else if received >= self.received &+ Self.signatureBytes {
            since = since ?? now
        }
        (self.received, self.sent) = (received, sent)
    }
}
