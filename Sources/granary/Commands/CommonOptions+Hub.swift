import HubCore
import Logging

extension CommonOptions {
    /// Opens the hub of an existing data directory for one command, and closes it whatever happens.
    func withHub<Value>(_ body: (Hub) async throws -> Value) async throws -> Value {
        let configuration = try resolve()
        let directory = try DataDirectory(existingFor: configuration)
        // A command's own words are enough for the person at the terminal, unless they ask for more.
        let isAsked = configuration.source(of: Keys.logLevel) != .default
        let output = LogOutput(
            format: try configuration[Keys.logFormat],
            level: isAsked ? try configuration[Keys.logLevel] : .warning
        )
        let hub = try await Composition(
            configuration: configuration,
            directory: directory,
            logger: output.logger(label: "granary")
        ).openHub()
        do {
            let value = try await body(hub)
            try await hub.close()
            return value
        } catch {
            try? await hub.close()
            throw error
        }
    }
}
