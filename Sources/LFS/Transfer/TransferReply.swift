import GitCore
import NIOCore

/// An answer of git-lfs-transfer: a status, arguments, and lines behind a delim-pkt.
struct TransferReply: Sendable {
    var status: Int
    var arguments: [(name: String, value: String)] = []
    /// Nil leaves the delim-pkt out: `quit` must not have one, and errors must.
    var lines: [String]?

    static let ok = TransferReply(status: 200)

    /// Most bytes of a message.
    private static let messageLimit = 1_024

    init(status: Int, arguments: [(name: String, value: String)] = [], lines: [String]? = nil) {
        self.status = status
        self.arguments = arguments
        self.lines = lines
    }

    init(_ failure: LFSFailure) {
        self.init(status: failure.status, lines: [failure.message.singleLine(limit: Self.messageLimit)])
    }

    /// The reply with its flush-pkt.
    func encoded() -> ByteBuffer {
        var buffer = ByteBuffer()
        write(to: &buffer)
        if let lines {
            buffer.writeDelimPkt()
            for line in lines { Self.write(line, to: &buffer) }
        }
        buffer.writeFlushPkt()
        return buffer
    }

    /// The status and the arguments.
    func write(to buffer: inout ByteBuffer) {
        Self.write("status \(status)", to: &buffer)
        for (name, value) in arguments { Self.write("\(name)=\(value)", to: &buffer) }
    }

    /// One line with a LF of its own, also when the text ends with one, as a path may.
    private static func write(_ line: String, to buffer: inout ByteBuffer) {
        buffer.writePktLine {
            $0.writeString(line)
            $0.writeStaticString("\n")
        }
    }
}

extension TransferReply {
    /// A lock in the four arguments without which the client does not take it.
    init(_ lock: LFSLock, status: Int, message: String? = nil) {
        self.init(
            status: status,
            arguments: [
                ("id", lock.id), ("path", lock.path.text), ("locked-at", RFC3339.text(of: lock.lockedAt)),
                ("ownername", lock.ownerName),
            ],
            lines: message.map { [$0.singleLine(limit: Self.messageLimit)] }
        )
    }

    /// A page of locks.
    ///
    /// - Parameter tellsOwners: whether the client asks on behalf of a push and wants to know which are its own.
    init(_ page: LockPage, tellsOwners: Bool) {
        let lines = page.locks.flatMap { held in
            let lock = held.lock
            let owner = held.isOurs ? "ours" : "theirs"
            return [
                "lock \(lock.id)", "path \(lock.id) \(lock.path)",
                "locked-at \(lock.id) \(RFC3339.text(of: lock.lockedAt))", "ownername \(lock.id) \(lock.ownerName)",
            ] + (tellsOwners ? ["owner \(lock.id) \(owner)"] : [])
        }
        self.init(status: 200, arguments: page.nextCursor.map { [("next-cursor", $0)] } ?? [], lines: lines)
    }
}
