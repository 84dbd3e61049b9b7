/// One request of protocol v2.
package struct V2Request: Sendable, Hashable {
    /// What is asked for.
    package var command: V2Command
    /// What the client calls itself, at most 256 characters; for the log only.
    package var agent: String?
    /// How the client names its process, at most 256 characters; for the log only.
    package var sessionID: String?
    /// Options for whoever answers; repaired where they are not UTF-8.
    package var serverOptions: [String]
}

/// The commands of protocol v2 with their arguments.
package enum V2Command: Sendable, Hashable {
    case lsRefs(LsRefsRequest)
    case fetch(FetchRequest)
    case objectInfo(ObjectInfoRequest)
}

/// Reads requests of protocol v2, one after the other.
///
/// - Source: gitprotocol-v2(5) "Command Request".
package struct V2RequestParser: Sendable {
    /// Where the parser stands after a packet.
    package enum Progress: Sendable, Equatable {
        /// More lines follow.
        case incomplete
        /// A lone flush-pkt: the client asks for nothing more.
        case noMoreRequests
        /// A whole request; the next packet starts another one.
        case complete(V2Request)
    }

    private enum Section {
        case capabilities, arguments
    }

    private let limits: GitLimits
    private let features: V2Features
    private var budget: RequestBudget
    private var section = Section.capabilities
    private var arguments: (any V2ArgumentReader)?
    private var agent: String?
    private var sessionID: String?
    private var serverOptions: [String] = []

    /// Whether no line of the next request was read yet, so that the end of the stream is a normal end.
    package var isAtStart: Bool { budget.isUntouched }

    /// Starts before the first request.
    ///
    /// - Parameter features: what the advertisement offered.
    package init(limits: GitLimits, features: V2Features = V2Features()) {
        self.limits = limits
        self.features = features
        budget = RequestBudget(limit: limits.uploadRequestBytes)
    }

    /// Takes one packet.
    ///
    /// - Throws: for whatever the advertisement did not offer; the conversation then ends with `ERR`.
    package mutating func receive(_ packet: PktLine) throws(RequestError) -> Progress {
        let isFirst = isAtStart
        try budget.spend(on: packet)
        switch (packet, section) {
        case (.flush, _) where isFirst:
            reset()
            return .noMoreRequests
        case (.flush, _):
            let request = try finish()
            reset()
            return .complete(request)
        case (.delim, .capabilities):
            section = .arguments
        case (.delim, .arguments), (.responseEnd, _):
            throw .unexpectedPacket(packet)
        case (.data(let payload), .capabilities):
            try receive(capability: Array(textLine(payload)))
        case (.data(let payload), .arguments):
            guard arguments != nil else { throw .missingCommand }
            try arguments?.receive(textLine(payload))
        }
        return .incomplete
    }

    private mutating func reset() {
        self = V2RequestParser(limits: limits, features: features)
    }

    private func finish() throws(RequestError) -> V2Request {
        guard let arguments else { throw .missingCommand }
        return V2Request(
            command: try arguments.finish(),
            agent: agent,
            sessionID: sessionID,
            serverOptions: serverOptions
        )
    }

    private mutating func receive(capability line: [UInt8]) throws(RequestError) {
        if let name = line.argument(after: "command=") {
            guard arguments == nil else { throw .duplicate("command") }
            arguments = try reader(of: name)
        } else if let agent = line.argument(after: "agent=") {
            self.agent = try printable(agent, of: "agent")
        } else if let sessionID = line.argument(after: "session-id="), features.sessionID != nil {
            self.sessionID = try printable(sessionID, of: "session-id")
        } else if let format = line.argument(after: "object-format=") {
            try checkObjectFormat(String(decoding: format, as: UTF8.self))
        } else if let option = line.argument(after: "server-option=") {
            try receive(serverOption: option)
        } else {
            throw .unknownCapability(line.excerpt)
        }
    }

    private func reader(of command: ArraySlice<UInt8>) throws(RequestError) -> any V2ArgumentReader {
        if command.isWord("ls-refs") { return LsRefsArguments(limits: limits) }
        if command.isWord("fetch") { return FetchArguments(limits: limits, features: features) }
        if command.isWord("object-info"), features.objectInfo { return ObjectInfoArguments(limits: limits) }
        throw .unknownCommand(command.excerpt)
    }

    private mutating func receive(serverOption option: ArraySlice<UInt8>) throws(RequestError) {
        guard serverOptions.count < limits.serverOptions else {
            throw .tooMany("server-option", limit: limits.serverOptions)
        }
        guard option.count <= limits.serverOptionBytes else {
            throw .argumentTooLong("server-option", limit: limits.serverOptionBytes)
        }
        guard !option.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\n") }) else {
            throw .unexpectedLine("server-option=\(option.excerpt)")
        }
        serverOptions.append(String(decoding: option, as: UTF8.self))
    }

    /// The first 256 characters of a value that goes to the log.
    private func printable(_ value: ArraySlice<UInt8>, of name: String) throws(RequestError) -> String {
        guard value.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw .unexpectedLine("\(name)=\(value.excerpt)")
        }
        return String(decoding: value.prefix(256), as: UTF8.self)
    }
}
