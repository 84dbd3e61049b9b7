package import NIOCore

/// Sends requests that somebody else asked for, under rules that the operator makes.
package protocol OutboundSender: Sendable {
    /// What can be said of a URL before its name is looked up.
    ///
    /// - Throws: `OutboundRules.Refusal`.
    func check(_ url: OutboundURL) throws(OutboundRules.Refusal)

    /// Sends a POST.
    ///
    /// - Throws: `OutboundFailure`; `CancellationError`.
    func post(
        to url: OutboundURL,
        headers: [(name: String, value: String)],
        body: ByteBuffer
    ) async throws -> OutboundAnswer
}
