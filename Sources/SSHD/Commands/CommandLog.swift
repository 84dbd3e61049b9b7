import Access
import GitCore
import HubCore
import Logging
import Metrics
import Synchronization

/// What is remembered of a command for its one line in the log and its metrics.
///
/// Neither holds anything that a client wrote freely but the repository's address, whose form was checked.
final class CommandLog: Sendable {
    private struct Notes {
        var command: SSHCommand?
        var error: String?
    }

    private let notes = Mutex(Notes())
    private let login: SSHLogin
    private let client: String
    private let requestID: String
    private let logger: Logger
    private let started = ContinuousClock.now

    /// Begins a command.
    init(login: SSHLogin, client: String, requestID: String, logger: Logger) {
        self.login = login
        self.client = client
        self.requestID = requestID
        self.logger = logger
        Meter(label: "granary_ssh_commands_running").increment()
    }

    /// Remembers what was asked for.
    func note(_ command: SSHCommand) { notes.withLock { $0.command = command } }

    /// Remembers why it failed; for the log alone.
    func note(_ error: any Error) {
        let text =
            switch error {
            case let error as HubError:
                ["\(error.kind): \(error.message)", error.diagnostics].compactMap { $0 }.joined(separator: " ")
            default: "\(error)"
            }
        notes.withLock { $0.error = text.singleLine(limit: 512) }
    }

    /// Writes the line and counts the command.
    func finish(_ status: Int32, received: Int64, sent: Int64) {
        let notes = notes.withLock { $0 }
        let elapsed = ContinuousClock.now - started
        let name = notes.command?.name ?? "other"
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)", "command": "\(name)", "status": "\(status)", "bytes_in": "\(received)",
            "bytes_out": "\(sent)", "duration_ms": "\(elapsed / .milliseconds(1))",
            "actor": "\(login.actor.auditName)", "key": "\(login.fingerprint)", "client": "\(client)",
        ]
        if let command = notes.command { metadata["repository"] = "\(command.address)" }
        if let error = notes.error { metadata["error"] = "\(error)" }
        logger.info("ssh command", metadata: metadata)

        let command = ("command", name)
        Meter(label: "granary_ssh_commands_running").decrement()
        Counter(label: "granary_ssh_commands_total", dimensions: [command, ("status", "\(status)")]).increment()
        Timer(label: "granary_ssh_command_duration_seconds", dimensions: [command])
            .recordNanoseconds(Int64(elapsed / .nanoseconds(1)))
        Counter(label: "granary_ssh_received_bytes_total", dimensions: [command]).increment(by: received)
        Counter(label: "granary_ssh_sent_bytes_total", dimensions: [command]).increment(by: sent)
    }
}
