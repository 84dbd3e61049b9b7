import CLibSSH
import Glibc
import HubCore
import Logging

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
    var lastCommandAt: Int64
    var keepalive = Keepalive()
    var silence = Silence()
    var reminder = Reminder()
    /// Of the socket, and of packets.
    let counters: UnsafeMutablePointer<ssh_counter_struct>
    var event: OpaquePointer?
    /// The socket, and the handle's eventfd.
    let polled: UnsafeMutablePointer<pollfd>
    private let serverCallbacks: UnsafeMutablePointer<ssh_server_callbacks_struct>
    private let scratch: UnsafeMutableRawBufferPointer

    /// Where a session's data goes that libssh kept back.
    private static let scratchBytes = 64 << 10
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
            close(because: error)
        }
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

    private func serve() throws(End) -> Never {
        guard let event = ssh_event_new() else { throw .keyExchange }
        self.event = event
        guard ssh_event_add_session(event, session) == SSH_OK else { throw .keyExchange }
        var hasMore = false
        while true {
            poll(milliseconds: hasMore ? 0 : timeout)
            if polled[1].revents != 0 { handle.wakeup.drain() }
            if let end = handle.end { throw end }
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
    var isWritePending: Bool { ssh_get_poll_flags(session) & SSH_WRITE_PENDING != 0 }

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
        if let end = handle.end { throw end }
        if handle.isDraining { throw .stopping }
    }
}
