import NIOCore

/// How many bytes of pkt-lines one request may still send.
struct RequestBudget: Sendable {
    private let limit: Int
    private var spent = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether no packet was counted yet.
    var isUntouched: Bool { spent == 0 }

    /// Counts a packet with its length field.
    ///
    /// - Throws: `requestTooLarge` when the limit is passed.
    mutating func spend(on packet: PktLine) throws(RequestError) {
        spent += PktLen.byteCount
        if case .data(let payload) = packet { spent += payload.readableBytes }
        guard spent <= limit else { throw .requestTooLarge(limit: limit) }
    }
}
