import HubAPI
import Logging
import ServiceLifecycle
import UnixSignals

/// What SIGHUP does: reads the configuration again for the log level, and the TLS certificate and key.
///
/// Whatever cannot be used stays as it was; a reload never ends the server.
struct Reload: Service {
    /// Reads flags, environment and file again.
    let resolve: @Sendable () throws -> Configuration
    /// Gets the new level.
    let output: LogOutput
    /// Whose certificates are read again.
    let http: HubService
    /// Where the outcome is logged.
    let logger: Logger

    /// Waits for the signal until a graceful shutdown.
    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown()
        for await _ in signals {
            reloadLevel()
            reloadCertificates()
        }
    }

    private func reloadLevel() {
        do {
            let level = try resolve()[Keys.logLevel]
            output.level = level
            logger.notice("configuration read again", metadata: ["log_level": "\(level)"])
        } catch {
            logger.error("configuration not usable; the old one stays", metadata: ["error": "\(error)"])
        }
    }

    private func reloadCertificates() {
        do {
            try http.reloadCertificates()
        } catch {
            logger.error("certificate not usable; the old one stays", metadata: ["error": "\(error)"])
        }
    }
}
