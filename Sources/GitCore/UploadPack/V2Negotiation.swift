package import NIOCore

/// The single round of negotiation that one `fetch` request of protocol v2 makes.
///
/// - Source: gitprotocol-v2(5) "acknowledgments section".
package struct V2Negotiation: Sendable {
    /// How the response begins.
    package enum Opening: Sendable, Hashable {
        /// Nothing is wanted: the response is a flush-pkt.
        case nothing
        /// The haves are to be acknowledged by `writeAcknowledgments`.
        case acknowledge
        /// The sections with the pack follow at once.
        case pack
    }

    private let request: FetchRequest

    /// Looks at a request.
    package init(for request: FetchRequest) {
        self.request = request
    }

    /// How the response begins.
    ///
    /// Without `done` and without haves the pack follows at once, as in git. `wait-for-done` without wants is how
    /// `git fetch --negotiate-only` asks what is common.
    package var opening: Opening {
        let hasWants = !request.wants.isEmpty || !request.wantRefs.isEmpty
        if !hasWants { return request.waitForDone && !request.haves.isEmpty && !request.done ? .acknowledge : .nothing }
        if request.done { return .pack }
        return request.haves.isEmpty && !request.waitForDone ? .pack : .acknowledge
    }

    /// Whether it matters that every want has an ancestor among the common objects.
    package var needsReadiness: Bool { opening == .acknowledge && !request.waitForDone }

    /// Writes the section `acknowledgments` and what ends it.
    ///
    /// - Parameters:
    ///   - common: the haves that the repository has, where this reader may see them, in the client's order.
    ///   - isReady: what `needsReadiness` asked for; false otherwise.
    /// - Returns: whether the sections with the pack follow; otherwise the response is complete.
    package func writeAcknowledgments(common: [ObjectID], isReady: Bool, into buffer: inout ByteBuffer) -> Bool {
        let isReady = isReady && needsReadiness
        buffer.writeResponseLine("acknowledgments", sidebandAll: request.sidebandAll)
        if common.isEmpty { buffer.writeResponseLine("NAK", sidebandAll: request.sidebandAll) }
        for oid in common { buffer.writeResponseLine("ACK \(oid)", sidebandAll: request.sidebandAll) }
        guard isReady else {
            buffer.writeFlushPkt()
            return false
        }
        buffer.writeResponseLine("ready", sidebandAll: request.sidebandAll)
        buffer.writeDelimPkt()
        return true
    }
}
