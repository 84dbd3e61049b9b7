import HubAPI
import HubCore
import Logging
import MetadataSQLite
import ServiceLifecycle
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
    func openHub() async throws -> Hub {
        var settings = HubSettings(dataDirectory: try directory.absolutePath())
        settings.passwordLoginEnabled = try configuration[Keys.passwordLogin]
        settings.limits = try configuration.limits.git
        settings.gitThreads = Int(clamping: try configuration[Keys.gitThreads])
        settings.agent = "granary/\(ProgramVersion.text)"
        return try await Hub.open(
            settings: settings,
            driver: try SQLiteDriver(path: directory.database),
            environment: .system(),
            logger: logger
        )
    }

    /// The listeners of a hub.
    ///
    /// - Parameters:
    ///   - registry: what the metrics listener shows.
    ///   - announcement: told both addresses once they accept connections.
    func httpService(of hub: Hub, registry: PrometheusRegistry, announcement: ReadyAnnouncement) throws -> HubService {
        let limits = try configuration.limits
        let settings = HTTPSettings(
            address: try configuration[Keys.http],
            publicURL: try configuration[Keys.publicURL],
            tls: try tlsFiles(),
            trustForwardedHeaders: try configuration[Keys.trustForwardedHeaders],
            limits: limits.http,
            gitConcurrency: limits.concurrency
        )
        let metrics = try configuration[Keys.metrics].map { (address: $0, registry: registry) }
        do {
            return try HubService(
                hub: hub,
                settings: settings,
                metrics: metrics,
                logger: logger,
                onListening: { await announcement.http(listensOn: $0) },
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
    /// A group stops its services in reverse: HTTP drains first, while metrics can still be watched.
    func serviceGroup(_ http: HubService, reload: Reload) throws -> ServiceGroup {
        typealias Member = ServiceGroupConfiguration.ServiceConfiguration
        let listeners = http.services.enumerated().map { Member(service: $1, serviceName: "listener \($0 + 1)") }
        var group = ServiceGroupConfiguration(
            services: [Member(service: reload, serviceName: "reload")] + listeners,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // HTTP keeps to its own time and ends by itself; this is for what does not.
        group.maximumGracefulShutdownDuration = .seconds(try configuration[Keys.shutdownGraceSeconds] + 10)
        return ServiceGroup(configuration: group)
    }

    private func tlsFiles() throws -> TLSFiles? {
        guard let certificate = try configuration[Keys.tlsCertificate], let key = try configuration[Keys.tlsKey] else {
            return nil
        }
        return TLSFiles(certificatePath: certificate, keyPath: key)
    }
}
