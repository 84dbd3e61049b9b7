package import GitCore
import NIOCore

/// The server's side of git-lfs-transfer, version 1: objects and locks over one SSH channel.
///
/// Misuse is answered and the conversation goes on; only bytes that are no pkt-lines end it.
/// - Source: git-lfs `docs/proposals/ssh_adapter.md`, and what git-lfs 3.3 does where the two differ.
package struct TransferServer: Sendable {
    let operation: LFSOperation
    let backend: any TransferBackend
    let sink: any ByteSink
    let inbox: PacketInbox
    let limits: TransferLimits

    /// A server for one conversation.
    ///
    /// - Parameter operation: the last word of the client's command; it bounds what may be asked.
    package init(
        operation: LFSOperation,
        backend: any TransferBackend,
        input: ByteSource,
        sink: any ByteSink,
        limits: TransferLimits = TransferLimits()
    ) {
        self.operation = operation
        self.backend = backend
        self.sink = sink
        self.limits = limits
        inbox = PacketInbox(input, limits: limits)
    }

    /// Greets, answers commands, and returns when the client has said `quit` or has hung up between two commands.
    ///
    /// - Throws: `TransferError` for a client that does not speak the protocol, `TransferFault`, and errors of the source, of the sink and
    ///   of the backend that are no `LFSFailure`.
    package func serve() async throws {
        try await sink.write(Self.greeting)
        var hasVersion = false
        do {
            while let command = try await TransferCommand.read(from: inbox, limits: limits) {
                try Task.checkCancellation()
                if command.name == "quit" {
                    try await inbox.finishCommand()
                    return try await send(.ok)
                }
                try await answer(command, hasVersion: &hasVersion)
            }
        } catch let error as TransferError {
            if case .malformed(let reason) = error {
                try? await send(.badRequest("The conversation cannot go on: \(reason)."))
            }
            throw error
        }
    }

    private static let greeting: ByteBuffer = {
        var buffer = ByteBuffer()
        buffer.writePktLine("version=1")
        buffer.writePktLine("locking")
        buffer.writeFlushPkt()
        return buffer
    }()

    private func answer(_ command: TransferCommand, hasVersion: inout Bool) async throws {
        do {
            if let refusal = command.refusal { throw refusal }
            if command.name == "version" {
                guard command.operand == "1" else { throw LFSFailure.badRequest("The only version here is 1.") }
                hasVersion = true
                try await inbox.finishCommand()
                return try await send(.ok)
            }
            guard hasVersion else { throw LFSFailure.badRequest("The first command must be \"version 1\".") }
            try await perform(command)
        } catch let failure as LFSFailure {
            try await inbox.finishCommand()
            try await send(failure)
        }
    }

    private func perform(_ command: TransferCommand) async throws {
        switch command.name {
        case "batch": try await batch(command)
        case "put-object": try await putObject(command)
        case "verify-object": try await verifyObject(command)
        case "get-object": try await getObject(command)
        case "lock": try await lock(command)
        // git-lfs before 3.4 says "list-locks" when it verifies.
        case "list-lock", "list-locks": try await listLocks(command)
        case "unlock": try await unlock(command)
        default: throw LFSFailure.badRequest("There is no command of this name.")
        }
    }

    /// Refuses a command that the conversation was not opened for.
    func require(_ operation: LFSOperation) throws(LFSFailure) {
        guard operation == self.operation else {
            throw LFSFailure(status: 403, "This connection is for \(self.operation.rawValue) only.")
        }
    }

    func send(_ reply: TransferReply) async throws { try await sink.write(reply.encoded()) }

    func send(_ failure: LFSFailure) async throws { try await send(TransferReply(failure)) }
}
