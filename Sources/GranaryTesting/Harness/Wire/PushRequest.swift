/// A hand-made `git-receive-pack` request without side bands, so that the report is plain pkt-lines.
package struct PushRequest: Sendable {
    /// One ref command.
    package struct Change: Sendable {
        /// The old id, 40 hex digits.
        package var old: String
        /// The new id, 40 hex digits.
        package var new: String
        /// The name as bytes.
        package var name: [UInt8]

        /// A change of a ref with a textual name.
        package init(_ old: String, _ new: String, _ name: String) {
            self.init(old, new, Array(name.utf8))
        }

        /// A change of a ref with a name of any bytes.
        package init(_ old: String, _ new: String, _ name: [UInt8]) {
            (self.old, self.new, self.name) = (old, new, name)
        }
    }

    /// The id that stands for "no object".
    package static let zero = String(repeating: "0", count: 40)

    /// The commands, in order.
    package var changes: [Change]
    /// The capability list of the first command.
    package var capabilities = "report-status atomic agent=granary-tests object-format=sha1"
    /// Lines in front of the commands.
    package var shallows: [String] = []
    /// The pack.
    package var pack: [UInt8]

    /// A push of one pack.
    package init(_ changes: [Change], pack: [UInt8]) {
        self.changes = changes
        self.pack = pack
    }

    /// A push that creates one branch.
    package init(creating name: String, at tip: String, pack: [UInt8]) {
        self.init([Change(Self.zero, tip, name)], pack: pack)
    }

    /// The bytes of the request's body.
    package var bytes: [UInt8] {
        var lines = PktLines()
        for shallow in shallows { lines.line("shallow \(shallow)") }
        for (index, change) in changes.enumerated() {
            var payload = Array("\(change.old) \(change.new) ".utf8) + change.name
            if index == 0 { payload += [0] + Array(capabilities.utf8) }
            lines.line(payload)
        }
        lines.flush()
        lines.raw(pack)
        return lines.bytes
    }
}

/// What the server reported about a push.
package struct PushReport: Sendable, CustomStringConvertible {
    /// The HTTP answer.
    package let answer: HTTPAnswer
    /// The text after `unpack `, nil when there was no report.
    package let unpack: String?
    /// The refs that were changed.
    package let accepted: [String]
    /// The refs that were refused, with the reason.
    package let refused: [String: String]
    /// The text of an `ERR` packet.
    package let fatal: String?

    /// Reads the report out of an answer without side bands.
    package init(_ answer: HTTPAnswer) {
        self.answer = answer
        var unpack: String?
        var fatal: String?
        var accepted: [String] = []
        var refused: [String: String] = [:]
        for line in Pkt.parse(answer.body).map(\.text) {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            switch words.first {
            case "unpack": unpack = String(line.dropFirst(7))
            case "ok" where words.count > 1: accepted.append(words[1])
            case "ng" where words.count > 2: refused[words[1]] = words[2]
            case "ERR": fatal = String(line.dropFirst(4))
            default: break
            }
        }
        (self.unpack, self.accepted, self.refused, self.fatal) = (unpack, accepted, refused, fatal)
    }

    /// True when the server said in words, or by its status, that it did not take the push.
    package var isRefusal: Bool {
        guard answer.status == 200 else { return (400..<500).contains(answer.status) }
        return accepted.isEmpty && (fatal != nil || !refused.isEmpty || (unpack.map { $0 != "ok" } ?? false))
    }

    /// Everything that was said, for matching.
    package var reason: String {
        ([unpack, fatal].compactMap(\.self) + refused.values + [answer.status == 200 ? "" : answer.text])
            .joined(separator: " | ")
    }

    package var description: String {
        "\(answer.status) unpack=\(unpack ?? "-") ok=\(accepted) ng=\(refused) ERR=\(fatal ?? "-")"
    }
}
