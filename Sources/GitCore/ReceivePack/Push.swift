/// One push while it is decided: its commands and what becomes of each.
struct Push {
    let request: ReceiveRequest
    /// For each command the reason why it is refused; nil while nothing speaks against it.
    private(set) var refusals: [String?]
    private var refusal: PackRefusal?
    /// Indexes of updates whose old value is not an ancestor of the new one.
    private(set) var forced: Set<Int> = []
    /// Updates that were done.
    private(set) var done: [RefUpdate] = []
    var objects = 0
    var packBytes: Int64 = 0

    init(_ request: ReceiveRequest, refusals: [String?]) {
        self.request = request
        self.refusals = refusals
        if request.atomic { failAllIfAnyFailed() }
    }

    /// Whether any command can still succeed.
    var isAnythingLeft: Bool { refusals.contains { $0 == nil } }

    /// Indexes of the commands that nothing speaks against.
    var open: [Int] { refusals.indices.filter { refusals[$0] == nil } }

    /// Refuses one command; all of them in an atomic push.
    mutating func refuse(_ index: Int, _ reason: String) {
        refusals[index] = reason
        if request.atomic { failAllIfAnyFailed() }
    }

    static let atomicFailure = "atomic push failed"

    private mutating func failAllIfAnyFailed() {
        guard refusals.contains(where: { $0 != nil }) else { return }
        for index in refusals.indices where refusals[index] == nil { refusals[index] = Self.atomicFailure }
    }

    /// Notes that an update replaces history.
    mutating func noteForced(_ index: Int) {
        forced.insert(index)
    }

    /// Refuses everything because of the pack.
    mutating func fail(_ refusal: PackRefusal) {
        if case .missingLink(_, .commit) = refusal, !request.shallows.isEmpty {
            // A shallow client sent commits whose parents are nowhere; the pack itself is fine.
            for index in refusals.indices { refusals[index] = refusals[index] ?? "shallow update not allowed" }
            return
        }
        self.refusal = refusal
    }

    /// Notes updates that the transaction has done.
    mutating func finish(_ updates: [RefUpdate]) {
        done = updates
    }

    var report: ReportStatus {
        if let refusal { return ReportStatus(unpackError: refusal.message, commands: request.commands) }
        let forced = Set(done.filter(\.isForced).map(\.name.bytes))
        return ReportStatus(
            results: zip(request.commands, refusals).map { command, reason in
                let rewritten = forced.contains(command.rawName) ? ReportStatus.RewrittenUpdate(isForced: true) : nil
                return ReportStatus.Result(rawName: command.rawName, outcome: reason.map { .ng($0) } ?? .ok(rewritten))
            }
        )
    }

    var summary: PushSummary {
        PushSummary(
            updates: done,
            refused: refusals.count { $0 != nil },
            unpackError: refusal?.message,
            objects: objects,
            packBytes: packBytes
        )
    }
}

/// What a push amounted to.
package struct PushSummary: Sendable, Equatable {
    /// Refs that were changed.
    package var updates: [RefUpdate]
    /// Commands that were refused.
    package var refused: Int
    /// Why the pack was refused; nil when it was taken or there was none.
    package var unpackError: String?
    /// Objects in the pack.
    package var objects: Int
    /// Bytes of the pack as it came.
    package var packBytes: Int64
}
