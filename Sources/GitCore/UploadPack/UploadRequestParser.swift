import NIOCore

/// Reads the first half of a v0 or v1 conversation with `upload-pack`: everything up to the first flush-pkt.
///
/// What follows are `HaveLine`s.
/// - Source: gitprotocol-pack(5) "Packfile Negotiation".
package struct UploadRequestParser: Sendable {
    /// Where the parser stands after a packet.
    package enum Progress: Sendable, Equatable {
        /// More lines follow.
        case incomplete
        /// The client wants nothing and is about to hang up.
        case nothingWanted
        /// All that stands before the flush-pkt.
        case complete(FetchRequest, Capabilities)
    }

    private var builder: FetchRequestBuilder
    private var budget: RequestBudget
    private var capabilities: Capabilities?

    /// Whether no line was read yet, so that the end of the stream is a normal end.
    package var isAtStart: Bool { budget.isUntouched }

    /// Starts before the first line.
    package init(limits: GitLimits) {
        builder = FetchRequestBuilder(limits: limits)
        budget = RequestBudget(limit: limits.uploadRequestBytes)
    }

    /// Takes one packet.
    ///
    /// - Throws: for lines that the protocol does not know, or whose capability the client did not ask for; the
    ///   conversation then ends with `ERR`.
    package mutating func receive(_ packet: PktLine) throws(RequestError) -> Progress {
        try budget.spend(on: packet)
        switch packet {
        case .flush:
            let request = try builder.finish()
            return request.wants.isEmpty ? .nothingWanted : .complete(request, capabilities ?? Capabilities())
        case .delim, .responseEnd:
            throw .unexpectedPacket(packet)
        case .data(let payload):
            try receive(line: textLine(payload))
            return .incomplete
        }
    }

    private mutating func receive(line: ByteBufferView) throws(RequestError) {
        if let want = line.argument(after: "want ") { return try receive(want: want) }
        if let oid = line.argument(after: "shallow ") { return try builder.shallow(oid) }
        if let depth = line.argument(after: "deepen ") { return try builder.deepen(depth) }
        if let time = line.argument(after: "deepen-since ") { return try builder.deepenSince(time) }
        if let ref = line.argument(after: "deepen-not ") { return try builder.deepenNot(ref) }
        if let filter = line.argument(after: "filter "), capabilities?.contains("filter") == true {
            return try builder.filter(filter)
        }
        throw .unexpectedLine(line.excerpt)
    }

    private mutating func receive(want: ByteBufferView) throws(RequestError) {
        try builder.want(want.prefix(2 * ObjectID.byteCount))
        let list = want.dropFirst(2 * ObjectID.byteCount)
        guard capabilities == nil else {
            // git itself reads capabilities on every want line and sends them on the first only.
            guard list.isEmpty else { throw .unexpectedLine("want \(want.excerpt)") }
            return
        }
        guard list.isEmpty || list.first == UInt8(ascii: " ") else { throw .invalidObjectID(want.excerpt) }
        try adopt(try Capabilities(requested: list))
    }

    private mutating func adopt(_ list: Capabilities) throws(RequestError) {
        capabilities = list
        builder.set { request in
            request.thinPack = list.contains("thin-pack")
            request.noProgress = list.contains("no-progress")
            request.includeTag = list.contains("include-tag")
            request.ofsDelta = list.contains("ofs-delta")
            request.deepenRelative = list.contains("deepen-relative")
            request.noDone = list.contains("no-done")
            request.sideBand = list.sideBand
            request.ackMode = list.ackMode
        }
    }
}

extension Capabilities {
    /// The widest side band that the client asks for.
    package var sideBand: SideBandLimit {
        contains("side-band-64k") ? .large : contains("side-band") ? .small : .none
    }

    /// The most detailed acknowledgment that the client asks for.
    fileprivate var ackMode: AckMode {
        contains("multi_ack_detailed") ? .detailed : contains("multi_ack") ? .multi : .single
    }
}

/// One packet of the second half: what the client has.
package enum HaveLine: Sendable, Hashable {
    case have(ObjectID)
    /// The end of a batch; acknowledgments are due.
    case flush
    /// The end of the negotiation; the pack is due.
    case done

    /// Reads one packet.
    ///
    /// - Throws: for anything but `have`, `done` and flush-pkt.
    package init(reading packet: PktLine) throws(RequestError) {
        switch packet {
        case .flush: self = .flush
        case .delim, .responseEnd: throw .unexpectedPacket(packet)
        case .data(let payload):
            let line = textLine(payload)
            if let digits = line.argument(after: "have ") {
                self = .have(try objectID(digits))
            } else if line.isWord("done") {
                self = .done
            } else {
                throw .unexpectedLine(line.excerpt)
            }
        }
    }
}
