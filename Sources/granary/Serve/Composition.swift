import HubAPI
import HubCore
import Logging
import Metadata
import NIOPosix
import ObjectStore
import Outbound
import SSHD
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The composition root: here, and nowhere else, the parts are put together.
///
/// Drivers, clock, randomness and limits are chosen in this file; everything below receives them.
struct Composition {
    /// The checked configuration.
    let configuration: Configuration
    /// Where the data is.
    let directory: DataDirectory
    /// What every part logs to.
    let logger: Logger

    /// The hub on its database; the caller closes it.
    ///
    /// - Parameter secrets: for a hub that serves; commands sign nothing.
    func openHub(secrets: Secrets? = nil) async throws -> Hub {
        var settings = HubSettings(dataDirectory: try directory.absolutePath())
        settings.passwordLoginEnabled = try configuration[Keys.passwordLogin]
        settings.limits = try configuration.limits.git
        settings.gitConcurrency = try configuration.limits.concurrency
        settings.packCache = try configuration.limits.packCache
        settings.gitThreads = Int(clamping: try configuration[Keys.gitThreads])
        settings.publicURL = try configuration[Keys.publicURL]
        settings.signingKey = secrets?.signingKey ?? []
        settings.lfsActionSeconds = Int(clamping: try configuration[Keys.lfsActionSeconds])
        settings.lfsCollectionSeconds = Int(clamping: try configuration[Keys.lfsCollectionSeconds])
        settings.xetDeduplication = try configuration[Keys.xetDeduplication]
        settings.xetChunkedFrom = try configuration[Keys.xetChunkedFrom]
        settings.agent = "granary/\(ProgramVersion.text)"
        let driver = try await openDriver()
        let objects: any ObjectStore
        do {
            objects = try await objectStore(isServing: secrets != nil)
        } catch {
            try? await driver.close()
            throw error
        }
        do {
            return try await Hub.open(
                settings: settings,
                driver: driver,
                environment: .system(),
                logger: logger,
                objects: objects,
                outbound: try secrets.map { _ in try outboundClient() }
            )
        } catch {
            await objects.shutdown()
            try? await driver.close()
            throw error
        }
    }

    /// What webhooks call with.
    private func outboundClient() throws -> OutboundClient {
        // Names are looked up on threads that wait; an answer that does not come holds one of them for some seconds.
        let pool = NIOThreadPool(numberOfThreads: 16)
        pool.start()
        let file = try configuration[Keys.webhooksCAFile]
        do {
            return try OutboundClient(
                rules: try configuration[Keys.webhooksAllow],
                resolver: SystemResolver(pool: pool),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                certificateFile: file
            )
        } catch {
            throw CommandFailure(.failure, "cannot read the certificates in \(file ?? "webhooks-ca-file")")
        }
    }

    /// The SSH listener of a hub, with its port taken; nil when the configuration wants none.
    ///
    /// - Parameter httpPort: asked for the port of the HTTP listener at each use.
    func sshServer(of hub: Hub, httpPort: @escaping @Sendable () -> Int) throws -> SSHServer? {
        guard let address = try configuration[Keys.ssh] else { return nil }
        let hostKeys = try self.hostKeys
        let settings = SSHSettings(
            host: address.host,
            port: address.port,
            hostKeys: hostKeys,
            banner: "granary_\(ProgramVersion.text)",
            http: HTTPSide(
                publicURL: try configuration[Keys.publicURL],
                scheme: try tlsFiles() == nil ? "http" : "https",
                port: httpPort
            ),
            limits: try configuration.limits.ssh
        )
        do {
            try hostKeys.createMissing()
            for key in try hostKeys.descriptions() {
                logger.info(
                    "ssh host key",
                    metadata: ["type": "\(key.algorithm)", "fingerprint": "\(key.fingerprint)"]
                )
            }
            return try SSHServer(hub: hub, settings: settings, logger: logger)
        } catch {
            throw CommandFailure(.failure, Printable.text("\(error)"))
        }
    }

    /// What clients are told of SSH.
    private func sshEndpoint(of server: SSHServer?) throws -> SSHEndpoint? {
        guard let server else { return nil }
        let shown = try configuration[Keys.sshPublicAddress]
        let host = try shown?.host ?? configuration[Keys.publicURL].flatMap(PublicURLText.host(of:))
        return SSHEndpoint(host: host, port: shown?.port ?? server.port, hostKeys: try hostKeys.descriptions())
    }

    private var hostKeys: HostKeys {
        get throws { HostKeys(directory: directory.secrets, offered: try configuration[Keys.sshHostKeys]) }
    }

    /// The HTTP listeners of a hub.
    ///
    /// - Parameters:
    ///   - ssh: what `/api/ssh` speaks of.
    ///   - registry: what the metrics listener shows.
    ///   - announcement: told both addresses once they accept connections.
    ///   - onPort: told the main listener's port before that.
    func httpService(
        of hub: Hub,
        ssh: SSHServer?,
        registry: PrometheusRegistry,
        announcement: ReadyAnnouncement,
        onPort: @escaping @Sendable (Int) -> Void
    ) throws -> HubService {
        let limits = try configuration.limits
        let settings = HTTPSettings(
            address: try configuration[Keys.http],
            publicURL: try configuration[Keys.publicURL],
            tls: try tlsFiles(),
            trustForwardedHeaders: try configuration[Keys.trustForwardedHeaders],
            limits: limits.http,
            rates: limits.rates,
            ssh: try sshEndpoint(of: ssh),
            accelPrefix: try configuration[Keys.accelRedirect]
        )
        let metrics = try configuration[Keys.metrics].map { (address: $0, registry: registry) }
        do {
            return try HubService(
                hub: hub,
                settings: settings,
                metrics: metrics,
                logger: logger,
                onListening: { address in
                    onPort(address.port)
                    await announcement.http(listensOn: address)
                },
                onMetricsListening: { await announcement.metrics(listenOn: $0) }
            )
        } catch {
            // The only thing that is read there are the two files.
            let files = "\(settings.tls?.certificatePath ?? "") and \(settings.tls?.keyPath ?? "")"
            throw CommandFailure(.usage, "the TLS files \(files) cannot be used: \(Printable.text("\(error)"))")
        }
    }

    /// The listeners, the reloading on SIGHUP, and the signals that end it all, as one group to run.
    ///
    /// A group stops its services in reverse: SSH and HTTP drain first, while metrics can still be watched.
    func serviceGroup(_ hub: Hub, _ http: HubService, _ ssh: SSHServer?, reload: Reload) throws -> ServiceGroup {
        typealias Member = ServiceGroupConfiguration.ServiceConfiguration
        let services = http.services + (ssh.map { [$0] } ?? [])
        let listeners = services.enumerated().map { Member(service: $1, serviceName: "listener \($0 + 1)") }
        var group = ServiceGroupConfiguration(
            services: [
                Member(service: reload, serviceName: "reload"),
                Member(service: JobService(hub: hub), serviceName: "jobs"),
            ] + listeners,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // HTTP keeps to its own time and ends by itself; this is for what does not.
        group.maximumGracefulShutdownDuration = .seconds(try configuration[Keys.shutdownGraceSeconds] + 10)
        return ServiceGroup(configuration: group)
    }

    /// Says which port is taken, and what to do, before anything is served.
    ///
    /// SSH says so itself.
    func checkPorts() throws {
        let listeners = [("http", try configuration[Keys.http]), ("metrics", try configuration[Keys.metrics])]
        for case (let flag, let address?) in listeners where PortProbe.state(of: address) == .taken {
            throw CommandFailure(
                .failure,
                "cannot listen on \(address.text): another program has it; stop that one, or choose another with --\(flag)"
            )
        }
    }

    private func tlsFiles() throws -> TLSFiles? {
        guard let certificate = try configuration[Keys.tlsCertificate], let key = try configuration[Keys.tlsKey] else {
            return nil
        }
        return TLSFiles(certificatePath: certificate, keyPath: key)
    }
}
