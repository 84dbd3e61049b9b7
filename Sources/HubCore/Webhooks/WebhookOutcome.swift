import Metadata
import Outbound

/// How a try ended, and what follows from that.
enum WebhookOutcome {
    case answered(OutboundAnswer)
    case failed(OutboundFailure)

    /// What the receiver answered; nil for no answer.
    var status: Int64? {
        if case .answered(let answer) = self { Int64(answer.status) } else { nil }
    }

    var isSuccess: Bool {
        guard let status else { return false }
        return (200..<300).contains(status)
    }

    /// Whether the receiver says that it will never want anything again.
    var isGone: Bool { status == 410 }

    /// Whether there is no receiver, so that others need not try now.
    var isNobody: Bool {
        if case .failed = self { true } else { false }
    }

    /// Why it is no success, in one sentence.
    var error: String? {
        switch self {
        case .failed(let failure): failure.description
        case .answered where isSuccess: nil
        case .answered(let answer) where (300..<400).contains(answer.status):
            "The answer was \(answer.status); redirections are not followed."
        case .answered(let answer): "The answer was \(answer.status)."
        }
    }

    /// The beginning of the answer; that of an inner host is not for everybody who has a webhook.
    var shownAnswer: String? {
        guard case .answered(let answer) = self, !answer.isInner, !answer.body.isEmpty else { return nil }
        return String(decoding: answer.body, as: UTF8.self).replacing("\0", with: "\u{FFFD}")
    }

    /// What becomes of the delivery after so many tries.
    func state(afterTries tries: Int64) -> WebhookDeliveryRecord.State {
        if isSuccess { return .delivered }
        return isGone || tries >= mostTries ? .failed : .pending
    }

    /// What was refused will be refused again; what failed may work tomorrow.
    private var mostTries: Int64 {
        let all = Int64(WebhookLimits.delays.count + 1)
        switch self {
        case .failed(.refused): return Int64(WebhookLimits.triesOfUnwanted)
        case .failed: return all
        case .answered(let answer):
            let isUnwanted = (300..<500).contains(answer.status) && ![408, 429].contains(answer.status)
            return isUnwanted ? Int64(WebhookLimits.triesOfUnwanted) : all
        }
    }

    /// Seconds until the next try: up to a quarter more than planned, and as long as the receiver asks for.
    ///
    /// - Parameter chance: 0 through 255.
    func delay(afterTries tries: Int64, chance: UInt8) -> Int64 {
        let index = min(max(Int(clamping: tries) - 1, 0), WebhookLimits.delays.count - 1)
        let planned = WebhookLimits.delays[index]
        let delay = planned + planned * Int64(chance) / 4 / 255
        guard case .answered(let answer) = self, [429, 503].contains(answer.status), let wait = answer.retryAfter else {
            return delay
        }
        return max(delay, Int64(min(max(wait, 0), WebhookLimits.longestRetryAfter)))
    }
}

extension WebhookRecord {
    /// Counts failures, and silences the webhook after too many.
    mutating func note(_ outcome: WebhookOutcome, at now: Timestamp) {
        guard !outcome.isSuccess else {
            (failures, failingSince) = (0, nil)
            return
        }
        failures += 1
        let since = failingSince ?? now
        failingSince = since
        guard disabled == nil else { return }
        if outcome.isGone { disabled = .gone }
        let isLong = since.adding(seconds: WebhookLimits.failingSeconds) <= now
        if isLong, failures >= WebhookLimits.failingTries { disabled = .failing }
    }
}
