import Glibc
import HubCore
import Synchronization

/// What other threads may do with a connection: look at where it comes from, and tell it to drain or to end.
///
/// They never touch its socket. libssh closes that as soon as the client is gone, and its number may be another's the next
/// moment.
package final class ConnectionHandle: Sendable {
    /// The client's address without port.
    let address: String
    /// The address at which the client reached us.
    let localAddress: String
    /// What the client is counted by.
    let network: ClientNetwork
    /// Wakes the connection's thread.
    let wakeup: Wakeup
    private let state = Mutex(State())

    private struct State {
        var isDraining = false
        var end: SSHConnection.End?
    }

    /// A connection that was just accepted.
    ///
    /// - Parameter descriptor: asked for its addresses and not kept.
    package init(descriptor: Int32) throws {
        address = PeerAddress.text(of: descriptor, getpeername)
        localAddress = PeerAddress.text(of: descriptor, getsockname)
        network = ClientNetwork(address: address)
        wakeup = try Wakeup()
    }

    /// Whether the server wants to stop.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Takes no more commands, and ends once those that run are done.
    func drain() {
        state.withLock { $0.isDraining = true }
        wakeup.signal()
    }

    /// Why the connection is to end, once somebody wants that.
    var end: SSHConnection.End? { state.withLock { $0.end } }

    /// Whether somebody wants the connection to end.
    package var isEnded: Bool { end != nil }

    /// Ends the connection as soon as its thread looks; the first reason counts.
    func end(_ reason: SSHConnection.End) {
        state.withLock { $0.end = $0.end ?? reason }
        wakeup.signal()
    }
}

/// The two addresses of a socket as texts.
enum PeerAddress {
    /// - Parameter ask: `getpeername` or `getsockname`.
    /// - Returns: a literal without port; IPv4 inside IPv6 is written as IPv4. "unknown" when the socket tells none.
    static func text(
        of descriptor: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
                guard ask(descriptor, address, &length) == 0 else { return -1 }
                return getnameinfo(address, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard result == 0 else { return "unknown" }
        let text = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
    }

    /// The port of a listening socket; 0 when it tells none.
    static func port(of descriptor: Int32) -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
                guard getsockname(descriptor, address, &length) == 0 else { return -1 }
                return getnameinfo(address, length, nil, 0, &service, socklen_t(service.count), NI_NUMERICSERV)
            }
        }
        guard result == 0 else { return 0 }
        return Int(String(decoding: service.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)) ?? 0
    }
}
