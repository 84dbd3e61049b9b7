package import NIOCore

/// The server's side of finding out what a v0 or v1 client has.
///
/// Feed it one `HaveLine` after the other. Before each ask `needsReadiness`; when it says so, find out whether every want has
/// an ancestor among the common objects (the object of this event included) and hand in the answer.
/// - Source: gitprotocol-pack(5) "Packfile Negotiation"; gitprotocol-capabilities(5) `multi_ack`, `no-done`.
package struct Negotiation: Sendable {
    /// What the client says, with what the repository knows about it.
    package enum Event: Sendable, Hashable {
        /// The client has an object; `isCommon` when the repository has it too, where this reader may see it.
        case have(ObjectID, isCommon: Bool)
        /// The end of a batch.
        case flush
        /// The end of the negotiation.
        case done
    }

    /// What to do after an event, once the written lines are sent.
    package enum Action: Sendable, Hashable {
        /// Read the next line.
        case readMore
        /// End the response; the client continues in a new request that repeats what is common.
        case endResponse
        /// Send the pack.
        case sendPack
    }

    private let mode: AckMode
    private let mayOmitDone: Bool
    private let isStateless: Bool

    /// Whether anything is common at all, and what came last.
    package private(set) var lastCommon: ObjectID?
    private var isReadyAnnounced = false
    private var roundHasCommon = false
    private var roundHasUnknown = false

    /// Starts before the first have.
    ///
    /// - Parameter isStateless: whether each round is a request of its own, as over HTTP.
    package init(mode: AckMode, noDone: Bool, isStateless: Bool) {
        self.mode = mode
        self.mayOmitDone = noDone && mode == .detailed
        self.isStateless = isStateless
    }

    /// Starts with what the request asks for.
    package init(for request: FetchRequest, isStateless: Bool) {
        self.init(mode: request.ackMode, noDone: request.noDone, isStateless: isStateless)
    }

    /// Whether the answer to `event` depends on the server being ready.
    ///
    /// Ready servers acknowledge what they do not know, so that the client stops walking that line of history.
    package func needsReadiness(for event: Event) -> Bool {
        switch event {
        case .have(_, let isCommon): mode != .single && !isCommon && lastCommon != nil
        case .flush: mode == .detailed && roundHasCommon && !roundHasUnknown
        case .done: false
        }
    }

    /// Takes one event and writes the lines that answer it.
    ///
    /// The end of a stateless request without `done` counts as a flush.
    /// - Parameter isReady: what `needsReadiness` asked for; false otherwise.
    package mutating func receive(_ event: Event, isReady: Bool, into buffer: inout ByteBuffer) -> Action {
        switch event {
        case .have(let oid, isCommon: true):
            acknowledge(common: oid, into: &buffer)
            return .readMore
        case .have(let oid, isCommon: false):
            roundHasUnknown = true
            if isReady { announceReady(oid, into: &buffer) }
            return .readMore
        case .flush:
            return endRound(isReady: isReady, into: &buffer)
        case .done:
            finish(into: &buffer)
            return .sendPack
        }
    }

    private mutating func acknowledge(common oid: ObjectID, into buffer: inout ByteBuffer) {
        let isFirst = lastCommon == nil
        lastCommon = oid
        roundHasCommon = true
        switch mode {
        case .single: if isFirst { buffer.writePktLine("ACK \(oid)") }
        case .multi: buffer.writePktLine("ACK \(oid) continue")
        case .detailed: buffer.writePktLine("ACK \(oid) common")
        }
    }

    private mutating func announceReady(_ oid: ObjectID, into buffer: inout ByteBuffer) {
        switch mode {
        case .single: return
        case .multi: buffer.writePktLine("ACK \(oid) continue")
        case .detailed:
            buffer.writePktLine("ACK \(oid) ready")
            isReadyAnnounced = true
        }
    }

    private mutating func endRound(isReady: Bool, into buffer: inout ByteBuffer) -> Action {
        if isReady, let lastCommon { announceReady(lastCommon, into: &buffer) }
        roundHasCommon = false
        roundHasUnknown = false
        // A single ACK was the answer already; in the other modes NAK only says "go on".
        if lastCommon == nil || mode != .single { buffer.writePktLine("NAK") }
        if mayOmitDone, isReadyAnnounced, let lastCommon {
            buffer.writePktLine("ACK \(lastCommon)")
            return .sendPack
        }
        return isStateless ? .endResponse : .readMore
    }

    private func finish(into buffer: inout ByteBuffer) {
        guard let lastCommon else { return buffer.writePktLine("NAK") }
        if mode != .single { buffer.writePktLine("ACK \(lastCommon)") }
    }
}
