package import NIOCore

/// What happened to a push, for the client to show.
///
/// - Source: gitprotocol-pack(5) "Report Status".
package struct ReportStatus: Sendable, Hashable {
    /// What happened to one command.
    package enum Outcome: Sendable, Hashable {
        /// The ref has its new value, or one that the server chose.
        case ok(RewrittenUpdate?)
        /// The ref was left alone, for this reason.
        case ng(String)
    }

    /// How an update differs from the command, when it does; only `report-status-v2` tells the client.
    package struct RewrittenUpdate: Sendable, Hashable {
        /// The ref that was changed instead.
        package var name: RefName?
        /// Its old value.
        package var old: ObjectID?
        /// Its new value.
        package var new: ObjectID?
        /// Whether history was replaced.
        package var isForced: Bool

        /// Describes a difference.
        package init(name: RefName? = nil, old: ObjectID? = nil, new: ObjectID? = nil, isForced: Bool = false) {
            self.name = name
            self.old = old
            self.new = new
            self.isForced = isForced
        }
    }

    /// One command and its outcome.
    package struct Result: Sendable, Hashable {
        /// The name as the client wrote it.
        package var rawName: [UInt8]
        /// What happened.
        package var outcome: Outcome

        /// The outcome of a command.
        package init(rawName: [UInt8], outcome: Outcome) {
            self.rawName = rawName
            self.outcome = outcome
        }
    }

    /// Why the pack was refused; nil when it was taken.
    package var unpackError: String?
    /// In the order of the commands.
    package var results: [Result]

    /// Most bytes of a reason on the wire.
    package static let maximumReasonBytes = 512

    /// A report about a pack that was taken, or about a push without one.
    package init(results: [Result]) {
        unpackError = nil
        self.results = results
    }

    /// A report about a pack that was refused, which fails every command.
    package init(unpackError: String, commands: [ReceiveCommand]) {
        self.unpackError = unpackError
        results = commands.map { Result(rawName: $0.rawName, outcome: .ng("unpacker error")) }
    }

    /// Writes the report with the flush-pkt that ends it; the caller sends these bytes on band 1 when there are bands.
    ///
    /// Reasons become one line of at most 512 bytes; control bytes are removed from reasons and names.
    /// - Parameter version2: whether the client asked for `report-status-v2`.
    package func write(into buffer: inout ByteBuffer, version2: Bool) {
        buffer.writePktLine("unpack \(unpackError.map(oneLine) ?? "ok")")
        for result in results {
            switch result.outcome {
            case .ng(let reason): write("ng", result.rawName, " " + oneLine(reason), into: &buffer)
            case .ok(let rewritten):
                write("ok", result.rawName, "", into: &buffer)
                if version2, let rewritten { write(rewritten, into: &buffer) }
            }
        }
        buffer.writeFlushPkt()
    }

    /// Names stay bytes: the client finds its command by them.
    private func write(_ status: String, _ rawName: [UInt8], _ rest: String, into buffer: inout ByteBuffer) {
        buffer.writePktLine { line in
            line.writeString(status + " ")
            line.writeBytes(rawName.prefix(RefName.maximumBytes).filter { $0 >= 0x20 && $0 != 0x7f })
            line.writeString(rest + "\n")
        }
    }

    private func write(_ update: RewrittenUpdate, into buffer: inout ByteBuffer) {
        if let name = update.name { buffer.writePktLine("option refname \(name)") }
        if let old = update.old { buffer.writePktLine("option old-oid \(old)") }
        if let new = update.new { buffer.writePktLine("option new-oid \(new)") }
        if update.isForced { buffer.writePktLine("option forced-update") }
    }

    private func oneLine(_ reason: String) -> String {
        let line = reason.singleLine(limit: Self.maximumReasonBytes)
        // "ok" is how success is spelled, and an empty reason would read as one.
        return line.isEmpty || line == "ok" ? "failed" : line
    }
}
