import GitCore
import NIOCore

/// A command of git-lfs-transfer as it stands on the wire.
struct TransferCommand: Sendable {
    /// The first word of the first line.
    var name: String
    /// What follows it; empty when nothing does.
    var operand: String
    var arguments: [(name: String, value: String)] = []
    /// Whether a delim-pkt ended the arguments, so that lines or data follow up to the flush-pkt.
    var hasMore = false
    /// Why the command is refused whatever it says.
    var refusal: LFSFailure?

    /// The value of the last argument with a name; nil without one.
    subscript(_ name: String) -> String? {
        arguments.last { $0.name == name }?.value
    }
}

extension TransferCommand {
    /// Reads a command up to its delim-pkt or flush-pkt; nil when the client has hung up before it.
    ///
    /// A refused one is left where it is: what is behind is to be dropped with `PacketInbox.finishCommand`.
    static func read(from inbox: PacketInbox, limits: TransferLimits) async throws -> TransferCommand? {
        guard let first = try await inbox.next() else { return nil }
        guard case .data(let payload) = first else {
            return TransferCommand(name: "", operand: "", refusal: .badRequest("There is no command."))
        }
        var command = TransferCommand(firstLine: payload, limits: limits)
        while command.refusal == nil, !command.hasMore, let packet = try await inbox.nextInCommand() {
            switch packet {
            case .data(let payload): command.add(payload, limits: limits)
            case .delim: command.hasMore = true
            case .flush, .responseEnd: throw TransferError.malformed("a special packet inside a command")
            }
        }
        return command
    }

    private init(firstLine payload: ByteBuffer, limits: TransferLimits) {
        guard let line = transferLine(payload, limit: limits.argumentBytes) else {
            self.init(name: "", operand: "", refusal: .badRequest("The command is too long or not UTF-8."))
            return
        }
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(name: String(words[0]), operand: words.count == 2 ? String(words[1]) : "")
    }

    private mutating func add(_ payload: ByteBuffer, limits: TransferLimits) {
        guard let line = transferLine(payload, limit: limits.argumentBytes) else {
            refusal = .badRequest("An argument is too long or not UTF-8.")
            return
        }
        guard arguments.count < limits.arguments else {
            refusal = .badRequest("A command may have \(limits.arguments) arguments.")
            return
        }
        // By bytes: for Swift "=" with a combining mark behind it would be another character.
        guard let sign = line.utf8.firstIndex(of: UInt8(ascii: "=")) else { return }
        arguments.append((String(line[..<sign]), String(line[line.utf8.index(after: sign)...])))
    }
}

/// The text of a packet without the LF at its end; nil beyond `limit` bytes, and for what is not UTF-8.
func transferLine(_ payload: ByteBuffer, limit: Int) -> String? {
    var bytes = payload.readableBytesView
    if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() }
    guard bytes.count <= limit else { return nil }
    return String(validating: bytes, as: UTF8.self)
}
