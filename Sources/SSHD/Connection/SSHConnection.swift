import Access
import CLibSSH
import GitCore
import Glibc
import HubCore
import Logging
import Metrics

/// One client's connection: a thread, a libssh session that no other thread touches, and its channels.
///
/// libssh never blocks here and is never asked to wait: the thread waits by itself, on the socket and on what its commands
/// have to say, and lets libssh look when there is something.
final class SSHConnection {
    /// What all connections share.
    struct Surroundings: Sendable {
        let hub: Hub
        let http: HTTPSide
        let limits: SSHLimits
        let table: ConnectionTable
        let logger: Logger
        /// Nanoseconds of a clock that never goes back.
        let now: @Sendable () -> Int64
    }

    /// Why a connection ends.
    enum End: String, Error {
        case clientLeft = "the client left"
        case keyExchange = "the key exchange failed"
        case handshakeTime = "the key exchange took too long"
        case loginTime = "nobody logged in in time"
        case tries = "too many keys were refused"
        case account = "the account has too many connections"
        case idle = "there was no command for too long"
        case dead = "the client does not answer"
        case stopping = "the server stops"
        case broken = "the client broke the protocol"
    }

    let surroundings: Surroundings
    let handle: ConnectionHandle
    let number: UInt64
    /// Names the connection in the log.
    let name: String
    let session: OpaquePointer
    /// Nil until a key was accepted: our own record of it, whatever libssh believes.
    var login: SSHLogin?
    var channels: [ExecChannel] = []
    var commandCount = 0
    var refusedKeys = 0
    var emptyLogins = 0
    /// Set inside callbacks, obeyed outside of them.
    var end: End?
    let openedAt: Int64
    private var lastCommandAt: Int64
    private var keepalive = Keepalive()
    private var reminder = Reminder()
    private let counters: UnsafeMutablePointer<ssh_counter_struct>
    private let serverCallbacks: UnsafeMutablePointer<ssh_server_callbacks_struct>
    private var event: OpaquePointer?
    private let polled: UnsafeMutablePointer<pollfd>
    private let scratch: UnsafeMutableRawBufferPointer

    /// Where a session's data goes that libssh kept back.
    private static let scratchBytes = 64 << 10
    /// For the client to close what has been served when the server stops.
    private static let partingSeconds = 5.0
    /// Rounds of libssh's reading, 4 KiB each, before the channels get their turn.
    private static let readRounds = 32

    init(
        _ surroundings: Surroundings,
        handle: ConnectionHandle,
        number: UInt64,
        name: String,
        session: OpaquePointer
    ) {
        self.surroundings = surroundings
        self.handle = handle
        self.number = number
        self.name = name
        self.session = session
        openedAt = surroundings.now()
        lastCommandAt = openedAt
        counters = .allocate(capacity: 2)
        counters.initialize(repeating: ssh_counter_struct(), count: 2)
        serverCallbacks = .allocate(capacity: 1)
        serverCallbacks.initialize(to: ssh_server_callbacks_struct())
        polled = .allocate(capacity: 2)
        polled.initialize(repeating: pollfd(), count: 2)
        scratch = .allocate(byteCount: Self.scratchBytes, alignment: 16)
    }

    deinit {
        counters.deallocate()
        serverCallbacks.deallocate()
        polled.deallocate()
        scratch.deallocate()
    }

    /// Serves the connection until it ends; frees the session.
    func run() {
        do throws(End) {
            try exchangeKeys()
            try serve()
        } catch {
            note(error)
        }
        close()
    }

    private func exchangeKeys() throws(End) {
        ssh_set_blocking(session, 0)
        ssh_set_counters(session, counters, counters + 1)
        installServerCallbacks(serverCallbacks)
        while true {
            switch ssh_handle_key_exchange(session) {
            case SSH_OK: return
            case SSH_AGAIN: try wait(untilLogin: surroundings.limits.handshakeSeconds, else: .handshakeTime)
            default: throw .keyExchange
            }
        }
    }

    private func serve() throws(End) {
        guard let event = ssh_event_new() else { throw .keyExchange }
        self.event = event
        guard ssh_event_add_session(event, session) == SSH_OK else { throw .keyExchange }
        var hasMore = false
        while true {
            poll(milliseconds: hasMore ? 0 : timeout)
            if polled[1].revents != 0 { handle.wakeup.drain() }
            // Without a hint from the socket, libssh has nothing to read, and a write goes straight to the socket.
            if polled[0].revents != 0 { try readSocket(event) }
            if let end { throw end }
            hasMore = try serveChannels()
            try checkTime()
        }
    }

    private func readSocket(_ event: OpaquePointer) throws(End) {
        for _ in 0..<Self.readRounds {
            let result = ssh_event_dopoll(event, 0)
            // libssh gives a session up without a word when a packet breaks the rules.
            let isLost = ssh_get_status(session) & (SSH_CLOSED | SSH_CLOSED_ERROR) != 0
            guard result != SSH_ERROR, !isLost else { throw end ?? .clientLeft }
            // What is read makes answers; a client that takes none is not read from.
            if result == SSH_AGAIN || end != nil || isWritePending { return }
        }
    }

    /// Gives each channel its turn.
    ///
    /// - Returns: whether one of them has more to do at once.
    private func serveChannels() throws(End) -> Bool {
        guard ssh_is_connected(session) == 1 else { throw .clientLeft }
        var hasMore = false
        for channel in channels {
            channel.pull(into: scratch)
            switch channel.send(in: session) {
            case .waits: break
            case .more: hasMore = true
            case .broken: throw .clientLeft
            }
            channel.finishIfDone()
            if channel.isClosedByClient, channel.phase == .running, !channel.output.isFinished {
                channel.abort(.disconnected)
            }
        }
        let over = channels.filter(\.isOver)
        guard !over.isEmpty else { return hasMore }
        channels.removeAll(where: \.isOver)
        for channel in over { channel.free(isSessionAlive: true) }
        return hasMore
    }

    /// Whether bytes wait in libssh until the socket takes them.
    private var isWritePending: Bool { ssh_get_poll_flags(session) & SSH_WRITE_PENDING != 0 }

    /// Waits for the socket or a signal.
    ///
    /// While bytes wait to be sent, nothing is read: libssh queues its answers without a bound, so whoever only asks would
    /// fill the memory.
    private func poll(milliseconds: Int32) {
        polled[0] = pollfd(
            fd: ssh_get_fd(session),
            events: isWritePending ? Int16(POLLOUT) : Int16(POLLIN),
            revents: 0
        )
        polled[1] = pollfd(fd: handle.wakeup.descriptor, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(polled, 2, milliseconds)
    }

    private func wait(untilLogin seconds: Double, else end: End) throws(End) {
        let left = seconds - self.seconds(since: openedAt)
        guard left > 0 else { throw end }
        poll(milliseconds: Int32(min(left, 3_600) * 1_000) + 1)
        if polled[1].revents != 0 { handle.wakeup.drain() }
        if handle.isDraining { throw .stopping }
    }

    // MARK: Time

    private func seconds(since moment: Int64) -> Double { Double(surroundings.now() - moment) / 1e9 }

    /// Milliseconds until time may be up for something.
    private var timeout: Int32 {
        if reminder.isRunning { return 100 }
        if login == nil || channels.contains(where: { $0.phase == .running }) { return 1_000 }
        return handle.isDraining ? 100 : 15_000
    }

    private func checkTime() throws(End) {
        let limits = surroundings.limits
        guard login != nil else {
            if handle.isDraining { throw .stopping }
            guard seconds(since: openedAt) < limits.loginSeconds else { throw .loginTime }
            return
        }
        if channels.contains(where: { $0.phase == .running }) {
            lastCommandAt = surroundings.now()
            for channel in channels {
                let allowed = channel.input.isBeforeFirst ? limits.hookSeconds : limits.stallSeconds
                guard let since = channel.waitingSince, seconds(since: since) > allowed else { continue }
                channel.abort(.stalled)
            }
        } else if handle.isDraining {
            // The last bytes are with the client once it has closed its channels.
            guard channels.contains(where: { $0.phase == .closing }),
                seconds(since: lastCommandAt) < Self.partingSeconds
            else { throw .stopping }
        } else if seconds(since: lastCommandAt) > limits.idleSeconds {
            throw .idle
        }
        remind()
        try checkLife(limits)
    }

    /// Sends something meaningless to a client whose commands have ended.
    ///
    /// dbclient 2022.83 closes a channel after its last bytes are out, and then waits for a packet before it sees that no
    /// channel is left.
    private func remind() {
        let isQuiet = commandCount > 0 && !channels.contains { $0.phase == .running }
        if reminder.isDue(isQuiet: isQuiet, at: surroundings.now()) { ssh_send_ignore(session, "") }
    }

    /// Asks a silent client whether it lives.
    private func checkLife(_ limits: SSHLimits) throws(End) {
        keepalive.note(received: counters[1].in_bytes, at: surroundings.now())
        guard seconds(since: keepalive.lastSign) > limits.keepaliveSeconds else { return }
        guard keepalive.unanswered < Keepalive.limit else { throw .dead }
        keepalive.ask(at: surroundings.now())
        ssh_send_keepalive(session)
    }

    // MARK: The end

    private func note(_ end: End) {
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
    private func close() {
        for channel in channels { channel.abort(.disconnected) }
        for channel in channels where channel.task != nil {
            while !channel.output.isFinished {
                polled[1] = pollfd(fd: handle.wakeup.descriptor, events: Int16(POLLIN), revents: 0)
                _ = Glibc.poll(polled + 1, 1, 1_000)
                handle.wakeup.drain()
            }
        }
        if ssh_is_connected(session) == 1 { ssh_disconnect(session) }
        handle.forgetDescriptor()
        for channel in channels { channel.free(isSessionAlive: false) }
        if let event {
            ssh_event_remove_session(event, session)
            ssh_event_free(event)
        }
        ssh_free(session)
        channels = []
    }
}
