import Foundation

/// Hugging Face's Python clients in the versions that are tested, unmodified.
///
/// `scripts/test` installs them into environments of their own and names the interpreters in variables.
package enum HubClient: String, CaseIterable, Sendable {
    /// The newest: `huggingface_hub`, with `datasets` and `transformers`.
    case newest
    /// The oldest: `huggingface_hub` alone.
    case oldest

    /// The variable with the interpreter's path.
    package var variable: String {
        switch self {
        case .newest: "GRANARY_TEST_HUB_NEWEST"
        case .oldest: "GRANARY_TEST_HUB_OLDEST"
        }
    }

    /// The interpreter; nil when it is not installed.
    package var interpreter: String? {
        ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Runs the steps of a topic: a file in `fixtures/hub`.
    ///
    /// - Parameters:
    ///   - leavingOut: steps that are not run.
    ///   - secrets: tokens by person; the scripts say who they need.
    ///   - withoutChunks: whether large files go by LFS, as clients before Xet sent them.
    package func run(
        _ topic: String,
        against server: GranaryServer,
        secrets: [String: String],
        leavingOut: [String] = [],
        withoutChunks: Bool = false,
        timeout: Duration = .seconds(300)
    ) async throws -> CommandResult {
        let home = try TemporaryDirectory("client")
        let hub: [String: any Sendable] = [
            "endpoint": server.base, "metrics": "http://127.0.0.1:\(server.metricsPort)/metrics", "people": secrets,
        ]
        let description = try JSONSerialization.data(withJSONObject: hub)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../../fixtures/hub/run.py").standardizedFileURL.path
        var command = Command(
            interpreter ?? "python3",
            ["-B", "-W", "ignore", script, topic] + leavingOut.map { "-\($0)" }
        )
        command.timeout = timeout
        command.directory = home.path
        command.environment = [
            "GRANARY_HUB": String(decoding: description, as: UTF8.self),
            "HF_ENDPOINT": server.base,
            "HF_HOME": home.path("hf"),
            "HOME": home.path,
            "TMPDIR": try home.directory("tmp"),
            "NO_PROXY": "*",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "TOKENIZERS_PARALLELISM": "false",
        ]
        if withoutChunks { command.environment["HF_HUB_DISABLE_XET"] = "1" }
        return try await command.run()
    }
}
