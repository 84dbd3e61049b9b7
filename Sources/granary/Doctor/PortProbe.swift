import Glibc
import HubAPI

/// Whether a server could listen on an address: tried, and given up again.
enum PortProbe {
    /// What the try showed.
    enum State: Equatable {
        case free
        case taken
        /// The reason, in the system's words.
        case unusable(String)
    }

    /// Binds to the first address that the host stands for.
    static func state(of address: ListenAddress) -> State {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, "\(address.port)", &hints, &list)
        guard code == 0, let first = list else { return .unusable(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .unusable(SystemError.text(errno)) }
        defer { close(descriptor) }
        // As servers do: a port whose last connections are still winding down is free.
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            return errno == EADDRINUSE ? .taken : .unusable(SystemError.text(errno))
        }
        return .free
    }
}
