import Glibc
import Synchronization

/// A failed socket call.
package struct SocketError: Error, CustomStringConvertible {
    /// The call that failed.
    package let call: String
    /// The value of `errno`.
    package let code: Int32

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// A TCP connection for what no well-behaved client sends.
package final class RawConnection: Sendable {
    private let descriptor: Mutex<Int32>

    /// Connects to a port of the loopback address.
    ///
    /// - Parameter source: the last two bytes of the address in 127.0.0.0/8 that the connection comes from.
    package init(port: Int, from source: UInt16 = 1) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError(call: "socket", code: errno) }
        // Neither a full backlog nor a peer that does not read may hold up the tests for ever.
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let bound = Self.withAddress(source, port: 0) { bind(descriptor, $0, $1) }
        let code = bound == 0 ? Self.withAddress(1, port: port) { connect(descriptor, $0, $1) } : bound
        guard code == 0 else {
            let error = SocketError(call: "connect", code: errno)
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = Mutex(descriptor)
    }

    /// A port of the loopback address that nobody listens at.
    package static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError(call: "socket", code: errno) }
        defer { Glibc.close(descriptor) }
        guard withAddress(1, port: 0, { bind(descriptor, $0, $1) }) == 0 else {
            throw SocketError(call: "bind", code: errno)
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { throw SocketError(call: "getsockname", code: errno) }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    private static func withAddress(
        _ host: UInt16,
        port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = (UInt32(0x7f00_0000) | UInt32(host)).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close() }

    /// Sends all bytes.
    ///
    /// - Throws: `SocketError`, also when the peer has closed the connection.
    package func send(_ bytes: [UInt8]) async throws {
        let socket = descriptor.withLock { $0 }
        try await blocking {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw SocketError(call: "send", code: errno) }
                sent += count
            }
        }
    }

    /// Sends text as it is.
    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Receives until the peer closes, `limit` bytes came, or nothing comes for `idle`.
    ///
    /// - Returns: the bytes, and whether the peer closed the connection.
    package func receive(limit: Int = .max, idle: Duration = .seconds(30)) async throws -> (
        bytes: [UInt8], closed: Bool
    ) {
        let socket = descriptor.withLock { $0 }
        return try await blocking {
            var bytes = [UInt8]()
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while bytes.count < limit {
                var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                guard Glibc.poll(&poll, 1, Int32(idle.components.seconds * 1_000)) > 0 else { return (bytes, false) }
                let count = recv(socket, &buffer, min(buffer.count, limit - bytes.count), 0)
                guard count > 0 else { return (bytes, true) }
                bytes += buffer[..<count]
            }
            return (bytes, false)
        }
    }

    /// Tells the peer that nothing more comes.
    package func closeWriting() {
        _ = descriptor.withLock { shutdown($0, Int32(SHUT_WR)) }
    }

    /// Closes the connection as a dying client does: with a reset, in the middle of whatever was going on.
    package func reset() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        close()
    }

    /// Closes the connection.
    package func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }
}
