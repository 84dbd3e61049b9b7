import GitCore
package import HubCore
package import Logging
package import ServiceLifecycle

/// The HTTP side of a hub, ready to run: the main listener and, if wanted, that of metrics.
///
/// Run both services in one group; `http` drains on a graceful shutdown.
package struct HubService: Sendable {
    /// The main listener.
    package let http: HTTPServer
    /// The listener of `/metrics`; nil when there is none.
    package let metrics: HTTPServer?

    /// Services in the order in which they start; a group stops them in reverse.
    package var services: [any Service] { (metrics.map { [$0] } ?? []) + [http] }

    /// Puts the listeners together.
    ///
    /// - Parameters:
    ///   - metrics: the address of the metrics listener and what it shows; nil for none.
    ///   - onListening: told the main listener's address once it accepts connections.
    ///   - onMetricsListening: told that of the other.
    /// - Throws: when certificate or key cannot be used.
    package init(
        hub: Hub,
        settings: HTTPSettings,
        metrics: (address: ListenAddress, registry: PrometheusRegistry)?,
        logger: Logger,
        onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in },
        onMetricsListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
    ) throws {
        let readiness = Readiness(hub: hub)
        http = try HTTPServer(
            name: "main",
            address: settings.address,
            tls: settings.tls,
            limits: settings.limits,
            handler: Frontend(hub: hub, settings: settings, readiness: readiness, logger: logger),
            logger: logger,
            onListening: onListening,
            onDraining: { readiness.beginDraining() }
        )
        self.metrics = try metrics.map { metrics in
            var limits = settings.limits
            limits.connections = 64
            return try HTTPServer(
                name: "metrics",
                address: metrics.address,
                limits: limits,
                handler: MetricsEndpoint(registry: metrics.registry, values: Self.values(of: hub)),
                logger: logger,
                onListening: onMetricsListening
            )
        }
    }

    /// What the metrics tell of work on git at the moment.
    private static func values(of hub: Hub) -> [ScrapedValue] {
        [
            .gauge("granary_git_queue_depth") { Double(hub.git.queueDepth) },
            .counter("granary_git_pack_cache_hits_total") { Double(hub.git.packCacheCounts.hits) },
            .counter("granary_git_pack_cache_misses_total") { Double(hub.git.packCacheCounts.misses) },
            .counter("granary_git_pack_cache_hit_bytes_total") { Double(hub.git.packCacheCounts.hitBytes) },
            .gauge("granary_git_pack_cache_packs") { Double(hub.git.packCacheCounts.packs) },
            .gauge("granary_git_pack_cache_bytes") { Double(hub.git.packCacheCounts.bytes) },
        ]
    }

    /// Reads certificate and key again, for connections from now on.
    ///
    /// - Throws: when the files cannot be used; the old certificate then stays.
    package func reloadCertificates() throws { try http.reloadCertificates() }
}
