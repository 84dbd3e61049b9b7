import Access
import ArgumentParser
import HubAPI
import HubCore
import Logging
import Metrics
import SSHD
import ServiceLifecycle
import Synchronization

/// `granary serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server until SIGTERM or SIGINT.",
        discussion: """
            The first start creates the data directory and an administrator, whose password and token are printed once \
            on standard output. SIGHUP reads the log level and the TLS files again. When connections are accepted, \
            standard error has the line: granary ready http=HOST:PORT ssh=HOST:PORT metrics=HOST:PORT

            Every option is also a key of the YAML file and an environment variable: see `granary config`.

            Example: granary serve --data /var/lib/granary --http 0.0.0.0:8080 --public-url https://hub.example.org
            Exit codes: 0 after a signal, 1 when it cannot serve, 2 for a configuration that cannot be used, 4 when the \
            data directory is already served.
            """
    )

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let configuration = try options.resolve()
        let output = LogOutput(
            format: try configuration[Keys.logFormat],
            level: try configuration[Keys.logLevel]
        )
        // The libraries below make loggers of their own; these two calls are what makes them ours.
        LoggingSystem.bootstrap { _ in LineLogHandler(output: output) }
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        ProcessSetup.limitHeap()
        ProcessSetup.ignoreHangUps()
        let descriptors = ProcessSetup.raiseFileDescriptorLimit()
        let logger = output.logger(label: "granary")
        logger.info("starting", metadata: ["version": "\(ProgramVersion.text)", "open_files_limit": "\(descriptors)"])

        let directory = try DataDirectory(preparing: configuration[Keys.data]) { warning in
            logger.warning("\(warning)")
        }
        let lock = try DataDirectoryLock(of: directory)
        defer { withExtendedLifetime(lock) {} }
        let secrets = try Secrets(in: directory)
        let composition = Composition(configuration: configuration, directory: directory, logger: logger)
        let hub = try await composition.openHub(secrets: secrets)
        do {
            try await serve(hub, composition, output, registry)
        } catch {
            try? await hub.close()
            throw error
        }
        try await hub.close()
        logger.info("stopped")
    }

    private func serve(
        _ hub: Hub,
        _ composition: Composition,
        _ output: LogOutput,
        _ registry: PrometheusRegistry
    ) async throws {
        try await hub.git.sweep()
        if let administrator = try await hub.accounts.bootstrapAdministrator() { Self.show(administrator) }
        let hasMetrics = try composition.configuration[Keys.metrics] != nil
        try composition.checkPorts()
        let options = options
        do {
            let httpPort = Atomic(0)
            let ssh = try composition.sshServer(of: hub) { httpPort.load(ordering: .relaxed) }
            let sshAddress = try composition.configuration[Keys.ssh].flatMap { address in
                ssh.map { ListenAddress(host: address.host, port: $0.port) }
            }
            let announcement = ReadyAnnouncement(hasMetrics: hasMetrics, ssh: sshAddress)
            let http = try composition.httpService(
                of: hub,
                ssh: ssh,
                registry: registry,
                announcement: announcement
            ) { httpPort.store($0, ordering: .relaxed) }
            let reload = Reload(
                resolve: { try options.resolve() },
                output: output,
                http: http,
                logger: composition.logger
            )
            try await composition.serviceGroup(hub, http, ssh, reload: reload).run()
        } catch is CancellationError {
            composition.logger.warning("stopped before all requests had finished")
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure(.failure, "cannot serve: \(Printable.text("\(error)"))")
        }
    }

    /// The only time these secrets are seen by anyone.
    private static func show(_ administrator: FirstAdministrator) {
        Terminal.print(
            """
            An administrator was created. This is shown only once:
              name:     \(administrator.name)
              password: \(administrator.password)
              token:    \(administrator.token)
            """
        )
    }
}
