import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A listener with its connections, as a service: it runs until a graceful shutdown or its task's cancellation.
///
/// On shutdown it stops accepting, lets requests finish for `drainSeconds`, and closes what is left.
package final class HTTPServer: Service {
    private let address: ListenAddress
    private let setup: ConnectionSetup
    private let certificates: CertificateStore?
    private let onListening: @Sendable (ListenAddress) async -> Void
    private let onDraining: @Sendable () -> Void
    private let logger: Logger

    /// A server that gives every request to `handler`.
    ///
    /// - Parameters:
    ///   - name: what metrics call the listener.
    ///   - tls: certificate and key, read now.
    ///   - onListening: told the address in use, with the real port, when connections are accepted.
    ///   - onDraining: told when a graceful shutdown begins.
    /// - Throws: when the certificate cannot be used.
    package init(
        name: String,
        address: ListenAddress,
        tls: TLSFiles? = nil,
        limits: HTTPLimits = .standard,
        handler: any ExchangeHandler,
        logger: Logger,
        onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in },
        onDraining: @escaping @Sendable () -> Void = {}
    ) throws {
        self.address = address
        self.certificates = try tls.map { try CertificateStore($0) }
        self.setup = ConnectionSetup(
            name: name,
            handler: handler,
            limits: limits,
            certificates: certificates,
            requestIDs: RequestIDs()
        )
        self.logger = logger
        self.onListening = onListening
        self.onDraining = onDraining
    }

    /// Reads certificate and key again, for connections from now on.
    ///
    /// Without TLS it does nothing.
    ///
    /// - Throws: when the files cannot be used; the old certificate then stays.
    package func reloadCertificates() throws {
        try certificates?.reload()
    }

    /// Binds, serves, drains.
    ///
    /// - Throws: when the address cannot be bound.
    package func run() async throws {
        let host = address.host
        let onListening = onListening
        let server = setup.server(
            configuration: ServerConfiguration(
                address: .hostname(address.host, port: address.port),
                backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(setup.limits.connections, logger: logger)
            ),
            onServerRunning: { channel in
                await onListening(ListenAddress(host: host, port: channel.localAddress?.port ?? 0))
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        try await run(server)
    }

    private func run(_ server: any Service) async throws {
        let drain = setup.limits.drainSeconds
        let onDraining = onDraining
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                try await gracefulShutdown()
                onDraining()
                try await Task.sleep(for: .seconds(drain))
            }
            // Whichever ends first ends the other: a drained server, or the time to drain.
            do {
                try await group.next()
            } catch is CancellationError {}
            group.cancelAll()
        }
    }
}
