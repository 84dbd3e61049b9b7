import Access
import GitCore
import HubCore
import LFS
import Logging
import Metadata
import NIOCore

/// One command of one login, from its text to its exit status.
///
/// Runs as a task; the connection's thread only moves its bytes.
struct CommandJob: Sendable {
    let hub: Hub
    let login: SSHLogin
    /// As the client sent it.
    let command: [UInt8]
    /// `GIT_PROTOCOL` as the client set it.
    let gitProtocol: String?
    let input: ChannelInput
    let output: ChannelOutput
    /// The client's address without port.
    let client: String
    /// Names the command in the log and in messages.
    let requestID: String
    /// Where LFS clients of this connection find the HTTP side: scheme, host and port.
    let httpBase: String
    let log: CommandLog

    /// Does it; ends the channel's output with the exit status.
    func run() async {
        var status: Int32 = 0
        do {
            let command = try SSHCommand(parsing: command)
            log.note(command)
            let login = try await hub.accounts.refresh(login)
            await hub.accounts.noteUse(of: login)
            try await serve(command, login)
        } catch {
            let failure = SSHFailure(error, requestID: requestID)
            log.note(error)
            output.writeError(failure.line)
            status = failure.status
        }
        log.finish(status, received: input.total, sent: output.total)
        output.finish(status)
    }

    private func serve(_ command: SSHCommand, _ login: SSHLogin) async throws {
        switch command {
        case .lfsAuthenticate(let address, let operation):
            try await authenticate(address, operation, login)
        case .git(let service, let address):
            try await converse(address, service, login)
        case .archive(let address):
            try await gated(login) {
                let session = try await following(address) { address in
                    try await hub.git.openArchive(
                        address,
                        actor: login.actor,
                        requestID: requestID,
                        followsRename: false
                    )
                }
                try await session.serve(input: input, to: output)
            }
        case .lfsTransfer(let address, let operation):
            try await gated(login) {
                let session = try await following(address) { address in
                    try await hub.lfs.openTransfer(
                        address,
                        operation: operation,
                        actor: login.actor,
                        requestID: requestID,
                        followsRename: false
                    )
                }
                try await session.serve(input: input, to: output)
            }
        }
    }

    /// Counts the command among those of the account, and lets only so many run.
    private func gated<Result>(_ login: SSHLogin, _ body: () async throws -> Result) async throws -> Result {
        try await hub.gate.pass(as: login.gateClient, body)
    }

    /// Opens what is at an address, or where its repository is now, and says so.
    private func following<Session>(
        _ address: RepositoryAddress,
        open: (RepositoryAddress) async throws -> Session
    ) async throws -> Session {
        do {
            return try await open(address)
        } catch let error as HubError {
            guard case .moved(let now) = error.kind else { throw error }
            let session = try await open(now)
            output.writeError(
                "granary: the repository is now at \(now.path).git; change your remote: git remote set-url\n"
            )
            return session
        }
    }

    /// Tells what there is, and serves what the client then wants.
    ///
    /// In between the command counts for nobody: a push runs the client's `pre-push` hook there, which may send large
    /// files for hours.
    private func converse(_ address: RepositoryAddress, _ service: GitService, _ login: SSHLogin) async throws {
        let asked = GitProtocolVersion(header: gitProtocol)
        // There is no version 2 of receive-pack.
        let version = service == .receivePack && asked == .v2 ? .v0 : asked
        let session = try await gated(login) {
            let session = try await following(address) { address in
                try await hub.git.open(
                    address,
                    service: service,
                    actor: login.actor,
                    requestID: requestID,
                    followsRename: false
                )
            }
            try await session.advertise(version: version, isStateless: false, to: output)
            return session
        }
        try await input.waitForFirst(mayTakeLong: service == .receivePack)
        try await gated(login) {
            try await session.serve(version: version, isStateless: false, input: input, to: output)
        }
    }

    /// - Source: git-lfs's server discovery over SSH; specification of the answer in its API documents.
    private func authenticate(
        _ address: RepositoryAddress,
        _ operation: LFSOperation,
        _ login: SSHLogin
    ) async throws {
        let grant: LFSGrant
        do {
            grant = try await hub.accounts.lfsGrant(
                for: login,
                address: address,
                operation: operation,
                followsRename: true
            )
        } catch {
            // 1, as the command's other implementations do; the client shows what is on standard error.
            throw SSHFailure(SSHFailure(error, requestID: requestID).message, status: 1)
        }
        let answer = LFSAuthentication(grant: grant, httpBase: httpBase)
        try await output.write(ByteBuffer(string: answer.json + "\n"))
    }
}
