/// What webhooks may cost, so that none grows without bound and none disturbs others.
package enum WebhookLimits {
    /// Webhooks of an account.
    package static let perAccount = 50
    /// What a webhook watches.
    package static let watched = 100
    /// The longest secret, in bytes.
    package static let secretBytes = 256
    /// What a webhook may have to send; more is dropped and counted.
    package static let pending = 1_000
    /// What a webhook tells in a day of UTC; more is dropped and counted.
    package static let perDay: Int64 = 10_000
    /// Lines of a webhook's log.
    package static let logged = 500
    /// Days after which a line of the log is forgotten.
    package static let loggedDays: Int64 = 30
    /// What the refs of a push may take in what is told, in bytes.
    package static let refBytes = 32 << 10
    /// Accounts whose webhooks are sent at once on a node.
    static let accountsAtOnce = 8
    /// Webhooks of an account that are sent at once.
    static let webhooksAtOnce = 4
    /// What a webhook sends before other accounts have their turn.
    static let inTurn = 20
    /// Seconds after which a webhook begins nothing more before other accounts have their turn.
    static let turnSeconds: Int64 = 30

    /// Seconds between a try that failed and the next: about a day together.
    static let delays: [Int64] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200]
    /// Tries where the receiver does not want it.
    static let triesOfUnwanted = 3
    /// The longest wait that a receiver may ask for, in seconds.
    static let longestRetryAfter = 3_600
    /// Seconds for which a webhook has to fail before it is disabled.
    static let failingSeconds: Int64 = 5 * 86_400
    /// Tries that have to fail, one after another, before it is disabled.
    static let failingTries: Int64 = 10
}
