import Glibc

/// The sockets that accept connections: one for each address that a host name stands for.
final class ListeningSockets: Sendable {
    /// Why there is no socket.
    struct Failure: Error, Sendable, CustomStringConvertible {
        /// One sentence for the operator.
        let description: String
    }

    let descriptors: [Int32]

    private static let backlog: Int32 = 1_024

    /// Binds and listens.
    ///
    /// - Parameter port: 0 asks the system for a free one; a host of several addresses then gets it for all of them.
    init(host: String, port: Int) throws(Failure) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            throw Failure(description: "\(host) is no address to listen on: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var opened: [Int32] = []
        var taken = port
        var next = list
        while let info = next {
            do throws(Failure) {
                opened.append(try Self.open(info.pointee, host, taken))
            } catch {
                for descriptor in opened { close(descriptor) }
                throw error
            }
            if taken == 0, let first = opened.first { taken = PeerAddress.port(of: first) }
            next = info.pointee.ai_next
        }
        descriptors = opened
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// The port in use.
    var port: Int { descriptors.first.map(PeerAddress.port) ?? 0 }

    private static func open(_ info: addrinfo, _ host: String, _ port: Int) throws(Failure) -> Int32 {
        let type = info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(info.ai_family, type, 0)
        guard descriptor >= 0 else { throw failure(host, port) }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // Each family has a socket of its own.
        if info.ai_family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size) }
        guard let address = info.ai_addr, bindTo(descriptor, address, info.ai_addrlen, port),
            listen(descriptor, backlog) == 0
        else {
            let error = failure(host, port)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Binds with the port set to `port`, which for the second address of a host is the one that the first got.
    private static func bindTo(
        _ descriptor: Int32,
        _ address: UnsafeMutablePointer<sockaddr>,
        _ length: socklen_t,
        _ port: Int
    ) -> Bool {
        // The port has the same place in both families' addresses.
        address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            $0.pointee.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        }
        return bind(descriptor, address, length) == 0
    }

    private static func failure(_ host: String, _ port: Int) -> Failure {
        let shown = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let advice = errno == EADDRINUSE ? "; another program has it: stop that one, or choose another with --ssh" : ""
        return Failure(description: "cannot listen on \(shown) for SSH: \(String(cString: strerror(errno)))\(advice)")
    }
}
