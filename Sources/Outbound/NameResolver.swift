import Glibc
package import NIOPosix
import Synchronization

/// Finds the addresses of a name.
package protocol NameResolver: Sendable {
    /// All addresses; none when there is no such name.
    func addresses(of name: String) async -> [IPAddress]
}

/// The system's resolver, on threads of its own, because it blocks.
package struct SystemResolver: NameResolver {
    private let pool: NIOThreadPool
    private let seconds: Int

    /// A resolver.
    ///
    /// - Parameters:
    ///   - pool: how many names are looked up at once, whoever injects it decides.
    ///   - seconds: after which nobody waits any more.
    package init(pool: NIOThreadPool, seconds: Int = 5) {
        self.pool = pool
        self.seconds = seconds
    }

    package func addresses(of name: String) async -> [IPAddress] {
        await withCheckedContinuation { continuation in
            let answer = FirstAnswer(continuation)
            let timer = Task {
                try await Task.sleep(for: .seconds(seconds))
                answer.give([])
            }
            pool.submit { state in
                guard case .active = state else { return answer.give([]) }
                answer.give(Self.lookUp(name))
                timer.cancel()
            }
        }
    }

    private static func lookUp(_ name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        return sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }
            .compactMap { $0.flatMap { address(in: $0.pointee) } }
    }

    private static func address(in entry: addrinfo) -> IPAddress? {
        guard let socket = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return socket.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { IPAddress(bytes: Array($0)) }
            }
        case AF_INET6:
            return socket.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { IPAddress(bytes: Array($0)) }
            }
        default: return nil
        }
    }
}

/// Takes the first of several answers.
private final class FirstAnswer: Sendable {
    private let waiting: Mutex<CheckedContinuation<[IPAddress], Never>?>

    init(_ continuation: CheckedContinuation<[IPAddress], Never>) {
        waiting = Mutex(continuation)
    }

    func give(_ addresses: [IPAddress]) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: addresses)
    }
}
