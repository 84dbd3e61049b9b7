import NIOCore

/// Reads what a client sends to `receive-pack` before the pack.
///
/// The pack starts right behind the last packet.
/// - Source: gitprotocol-pack(5) "Reference Update Request and Packfile Transfer".
package struct ReceiveRequestParser: Sendable {
    /// Where the parser stands after a packet.
    package enum Progress: Sendable, Equatable {
        /// More lines follow.
        case incomplete
        /// The client changes nothing and is about to hang up.
        case nothingToDo
        /// All that stands before the pack.
        case complete(ReceiveRequest)
    }

    private enum Section {
        case commands, pushOptions
    }

    private let limits: GitLimits
    private var budget = RequestBudget(limit: Self.maximumBytes)
    private var section = Section.commands
    private var names: Set<[UInt8]> = []
    private var request = ReceiveRequest(shallows: [], commands: [], capabilities: Capabilities(), pushOptions: [])

    /// Most bytes before the pack.
    package static let maximumBytes = 64 << 20

    /// Whether no line was read yet, so that the end of the stream is a normal end.
    package var isAtStart: Bool { budget.isUntouched }

    /// Starts before the first line.
    package init(limits: GitLimits) {
        self.limits = limits
    }

    /// Takes one packet.
    ///
    /// - Throws: when the request as a whole makes no sense; no command of it may be executed then.
    package mutating func receive(_ packet: PktLine) throws(RequestError) -> Progress {
        try budget.spend(on: packet)
        switch packet {
        case .flush: return endSection()
        case .delim, .responseEnd: throw .unexpectedPacket(packet)
        case .data(let payload):
            switch section {
            case .commands: try receive(line: textLine(payload))
            case .pushOptions: try receive(pushOption: textLine(payload))
            }
            return .incomplete
        }
    }

    private mutating func endSection() -> Progress {
        guard !request.commands.isEmpty else { return .nothingToDo }
        guard section == .commands, request.capabilities.contains("push-options") else { return .complete(request) }
        section = .pushOptions
        return .incomplete
    }

    private mutating func receive(line: ByteBufferView) throws(RequestError) {
        if let digits = line.argument(after: "shallow ") {
            guard request.shallows.count < limits.shallows else { throw .tooMany("shallow", limit: limits.shallows) }
            return request.shallows.append(try objectID(digits))
        }
        guard line.argument(after: "push-cert") == nil else { throw .notOffered("a signed push") }
        guard request.commands.count < limits.commandsPerPush else {
            throw .tooMany("command", limit: limits.commandsPerPush)
        }
        let command = try ReceiveCommand(parsing: try withoutCapabilities(line))
        guard names.insert(command.rawName).inserted else { throw .duplicate(command.rawName.excerpt) }
        request.commands.append(command)
    }

    /// Takes the capabilities off the first command, where they stand behind a NUL.
    ///
    /// A NUL in a later line belongs to the name, which is then invalid.
    private mutating func withoutCapabilities(_ line: ByteBufferView) throws(RequestError) -> ByteBufferView {
        guard request.commands.isEmpty, let end = line.firstIndex(of: 0) else { return line }
        request.capabilities = try Capabilities(requested: line[line.index(after: end)...])
        return line[..<end]
    }

    private mutating func receive(pushOption option: ByteBufferView) throws(RequestError) {
        guard request.pushOptions.count < limits.pushOptions else {
            throw .tooMany("push-option", limit: limits.pushOptions)
        }
        guard option.count <= limits.pushOptionBytes else {
            throw .argumentTooLong("push option", limit: limits.pushOptionBytes)
        }
        guard !option.contains(0) else { throw .unexpectedLine(option.excerpt) }
        request.pushOptions.append(String(decoding: option, as: UTF8.self))
    }
}
