import Access
import CLibSSH
import GitCore
import Glibc
import HubCore
import Logging
import Metrics

/// How a connection ends.
extension SSHConnection {
    /// Why a connection ends; clients that are still there are told.
    enum End: String, Error {
        case clientLeft = "the client left"
        case keyExchange = "the key exchange failed"
        case handshakeTime = "the key exchange took too long"
        case loginTime = "nobody logged in in time"
        case signature = "the signature is wrong, or of a kind that is not taken"
        case tries = "too many keys were refused"
        case displaced = "too many connections wait for a login"
        case account = "the account has too many connections"
        case idle = "there was no command for too long"
        case dead = "the client does not answer"
        case stopping = "the server stops"
        case broken = "the client broke the protocol"
    }

    /// Looks at the socket before the last word, for an answer of libssh that is still on its way.
    private static let settlingRounds = 4

    /// How long a client that was told the reason may take to leave.
    private static let farewellMilliseconds = 500

    /// Writes the end into the log.
    func note(_ end: End) {
        let logger = surroundings.logger
        var metadata: Logger.Metadata = ["connection": "\(name)", "client": "\(handle.address)"]
        if let login { metadata["actor"] = "\(login.actor.auditName)" }
        let reason = LibSSHError("", of: session).reason.singleLine(limit: 200)
        if !reason.isEmpty { metadata["libssh"] = "\(reason)" }
        metadata["commands"] = "\(commandCount)"
        metadata["seconds"] = "\(Int(seconds(since: openedAt)))"
        if login == nil {
            logger.info("ssh connection ended before login: \(end.rawValue)", metadata: metadata)
            Counter(label: "granary_ssh_logins_total", dimensions: [("outcome", "none")]).increment()
        } else if end == .clientLeft {
            logger.debug("ssh connection ended", metadata: metadata)
        } else {
            logger.info("ssh connection ended: \(end.rawValue)", metadata: metadata)
        }
    }

    /// Ends the commands, waits for them, and frees everything.
    ///
    /// A command holds no reference to the session, so a late one would do no harm; but the table's count is honest only if
    /// nothing of a connection goes on.
    func close(because end: End) {
        // From here on callbacks begin nothing.
        self.end = end
        for channel in channels { channel.abort(.disconnected) }
        for channel in channels where channel.task != nil {
            while !channel.output.isFinished {
                polled[1] = pollfd(fd: handle.wakeup.descriptor, events: Int16(POLLIN), revents: 0)
                _ = Glibc.poll(polled + 1, 1, 1_000)
                handle.wakeup.drain()
            }
        }
        sayWhy(end)
        for channel in channels { channel.free(isSessionAlive: false) }
        if let event {
            ssh_event_remove_session(event, session)
            ssh_event_free(event)
        }
        ssh_free(session)
        channels = []
    }

    /// Tells a client that is still there the reason, as far as its socket takes it, and closes the socket.
    private func sayWhy(_ end: End) {
        if let event {
            // libssh throws away what it could not write at once, and it does not try while POLLOUT is awaited.
            for _ in 0..<Self.settlingRounds where ssh_is_connected(session) == 1 && isWritePending {
                ssh_event_dopoll(event, 0)
            }
        }
        guard ssh_is_connected(session) == 1 else { return }
        // A socket that is closed with bytes unread is reset, and the reason may be lost with it: a copy of it stays open
        // until the client has left.
        let copy = fcntl(ssh_get_fd(session), F_DUPFD_CLOEXEC, 0)
        ssh_session_set_disconnect_message(session, end.rawValue)
        ssh_disconnect(session)
        guard copy >= 0 else { return }
        Self.waitForEnd(of: copy)
        Glibc.close(copy)
    }

    /// Ends the sending half of a socket and throws away what still comes, for a moment at most.
    private static func waitForEnd(of socket: Int32) {
        shutdown(socket, Int32(SHUT_WR))
        let end = ContinuousClock.now + .milliseconds(farewellMilliseconds)
        var scratch = [UInt8](repeating: 0, count: 4_096)
        while ContinuousClock.now < end {
            var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&waiting, 1, Int32(farewellMilliseconds)) > 0 else { return }
            guard recv(socket, &scratch, scratch.count, Int32(MSG_DONTWAIT)) > 0 else { return }
        }
    }
}
