import CLibSSH
import Dispatch
import GitCore
import Glibc
package import HubCore
package import Logging
import Metrics
import OpenSSLKit
import ServiceLifecycle
import Synchronization

/// The SSH listener with its connections, as a service: it runs until a graceful shutdown or its task's cancellation.
///
/// On shutdown it stops accepting, lets commands finish for `drainSeconds`, and ends what is left. One thread accepts; each
/// connection has a thread of its own.
package final class SSHServer: Service {
    private let hub: Hub
    private let settings: SSHSettings
    private let logger: Logger
    private let table: ConnectionTable
    private let sockets: ListeningSockets
    private let bind: Handover<SSHBind>

    /// A connection's thread: libssh's key exchange needs the most of it.
    private static let stackBytes = 512 << 10

    /// Takes the port, which from now on queues connections, and loads the host keys; `run` serves.
    ///
    /// - Throws: when the address cannot be bound or a host key cannot be used; its description is for the operator.
    package init(hub: Hub, settings: SSHSettings, logger: Logger) throws {
        self.hub = hub
        self.settings = settings
        self.logger = logger
        table = ConnectionTable(settings.limits)
        bind = Handover(try SSHBind(hostKeys: settings.hostKeys, banner: settings.banner))
        sockets = try ListeningSockets(host: settings.host, port: settings.port)
    }

    /// The port in use.
    package var port: Int { sockets.port }

    /// Connections that are open; for the metrics.
    package var connectionCount: Int { table.count }

    /// Serves, drains.
    package func run() async throws {
        let stop = try Wakeup()
        let ended = Ending()
        let isStarted = DetachedThread.start(stackBytes: Self.stackBytes) { [self] in
            Acceptor(server: self, bind: bind.value, sockets: sockets, stop: stop).run()
            ended.signal()
        }
        guard isStarted else { throw LibSSHError("start a thread") }
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: no time to drain.
            stop.signal()
            await ended.wait()
            for handle in table.handles { handle.end(.stopping) }
            throw error
        }
        stop.signal()
        await ended.wait()
        await drain()
    }

    private func drain() async {
        for handle in table.handles { handle.drain() }
        let deadline = ContinuousClock.now + .seconds(settings.limits.drainSeconds)
        while table.count > 0, ContinuousClock.now < deadline {
            do { try await Task.sleep(for: .milliseconds(50)) } catch { break }
        }
        for handle in table.handles { handle.end(.stopping) }
        // Threads that were cut off still have to see it.
        let end = ContinuousClock.now + .seconds(5)
        while table.count > 0, ContinuousClock.now < end {
            do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
        }
    }

    /// Serves an accepted connection on a thread of its own; owns the descriptor from here on.
    fileprivate func serve(_ descriptor: Int32, _ bind: SSHBind) {
        Self.prepare(descriptor)
        let handle: ConnectionHandle
        let name: String
        do {
            handle = try ConnectionHandle(descriptor: descriptor)
            name = try Hex.encode(RandomBytes.generate(6))
        } catch {
            close(descriptor)
            return noteUnserved(error)
        }
        let number: UInt64
        do throws(ConnectionTable.Refusal) { number = try table.admit(handle) } catch {
            return refuse(descriptor, handle, error.rawValue)
        }
        do {
            try start(Handover(try bind.session(takingOver: descriptor)), handle, number, name)
        } catch {
            table.remove(number)
            noteUnserved(error)
        }
    }

    private func noteUnserved(_ error: any Error) {
        logger.error("ssh connection not served", metadata: ["error": "\(error)"])
    }

    private func start(
        _ session: Handover<OpaquePointer>,
        _ handle: ConnectionHandle,
        _ number: UInt64,
        _ name: String
    ) throws {
        let surroundings = SSHConnection.Surroundings(
            hub: hub,
            http: settings.http,
            limits: settings.limits,
            table: table,
            logger: logger,
            now: monotonicNanoseconds
        )
        let isStarted = DetachedThread.start(stackBytes: Self.stackBytes) { [table] in
            Meter(label: "granary_ssh_connections").increment()
            SSHConnection(
                surroundings,
                handle: handle,
                number: number,
                name: name,
                session: session.value
            ).run()
            table.remove(number)
            Meter(label: "granary_ssh_connections").decrement()
        }
        guard isStarted else {
            // Closes the descriptor, too.
            ssh_free(session.value)
            throw LibSSHError("start a thread")
        }
    }

    /// Says why in the one line that a client shows before anything is agreed on.
    private func refuse(_ descriptor: Int32, _ handle: ConnectionHandle, _ reason: String) {
        Counter(label: "granary_ssh_refused_connections_total", dimensions: [("reason", reason)]).increment()
        logger.warning(
            "ssh connection refused: too many are open",
            metadata: ["client": "\(handle.address)", "limit": "\(reason)"]
        )
        let line = Array("granary: too many connections; try again later\r\n".utf8)
        _ = line.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        close(descriptor)
    }

    private static func prepare(_ descriptor: Int32) {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let flags = fcntl(descriptor, F_GETFL)
        if flags >= 0 { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
    }
}

/// Accepts connections on its own thread until it is told to stop.
private struct Acceptor {
    let server: SSHServer
    let bind: SSHBind
    let sockets: ListeningSockets
    let stop: Wakeup

    /// When the process has no descriptor left, a pause keeps the loop from spinning.
    private static let pauseMicroseconds: UInt32 = 50_000

    func run() {
        var polled = (sockets.descriptors + [stop.descriptor]).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled.last?.revents != 0 { return }
            for entry in polled where entry.revents != 0 { accept(from: entry.fd) }
        }
    }

    private func accept(from socket: Int32) {
        let descriptor = Glibc.accept(socket, nil, nil)
        if descriptor >= 0 { return server.serve(descriptor, bind) }
        let isShortage = [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno)
        if isShortage { usleep(Self.pauseMicroseconds) }
    }
}

/// A value that one thread gives to another and does not touch any more.
private struct Handover<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// Lets a task wait for the end of a thread.
private final class Ending: Sendable {
    private struct State {
        var isOver = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func signal() {
        let waiter = state.withLock { state in
            state.isOver = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiter = continuation }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }
}
