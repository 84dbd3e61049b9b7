import Foundation
import GranaryTesting
import Testing

/// `schemathesis` reads the description and sends whatever it allows, and what it does not allow.
///
/// An answer that the description does not have, or a failure of the server, is found. Every run makes up other requests; the seed
/// is told.
@Suite(
    "The description under fuzz",
    .serialized,
    .ownServers,
    .enabled("schemathesis is not installed; GRANARY_TEST_PYTHON may name an interpreter that has it") {
        await PythonScript.canImport("schemathesis")
    }
)
struct Fuzzing {
    private static let checks = [
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    ]

    /// What the words of paths are; those that are not named are made up.
    private func configuration(_ repository: HostedRepository) -> String {
        """
        [parameters]
        "path.namespace" = "\(repository.namespace)"
        "path.name" = "\(repository.name)"
        "path.revision" = "main"

        [checks.not_a_server_error]
        # What is not offered is refused with 501, as the description says.
        expected-statuses = ["2xx", "3xx", "4xx", 501]

        """
    }

    private func run(
        _ configuration: String,
        _ headers: [String],
        on server: GranaryServer,
        seconds: Int
    ) async throws -> CommandResult {
        let files = try TemporaryDirectory("fuzz")
        let path = try files.write("schemathesis.toml", configuration)
        var arguments = [
            "-B", "-m", "schemathesis.cli", "--config-file", path, "run", "\(server.base)/api/openapi.json",
        ]
        arguments += ["--checks", Self.checks.joined(separator: ","), "--phases", "coverage,fuzzing"]
        arguments += ["--max-time", "\(seconds)", "--suppress-health-check", "all", "--warnings", "off", "--no-color"]
        arguments += headers.flatMap { ["--header", $0] }
        var command = Command(PythonScript.interpreter, arguments)
        command.directory = files.path
        let hooks = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../fixtures/hub").standardizedFileURL.path
        command.environment = [
            "HOME": files.path, "NO_PROXY": "*", "PYTHONPATH": hooks, "SCHEMATHESIS_HOOKS": "fuzz_hooks",
        ]
        command.timeout = .seconds(seconds + 90)
        return try await command.run()
    }

    /// Each has a server of its own: who may change anything about an account may also take its tokens away.
    @Test(arguments: ["anonymous", "owner", "administrator of the hub"])
    func findsNoFailureAndNothingUndocumented(actor: String) async throws {
        let story = try await Story.alone(isPrivate: false)
        _ = try await story.seeded()
        let headers: [String]
        switch actor {
        case "owner": headers = [try await story.server.addToken(to: "alice", named: "fuzz", role: "admin").bearer]
        case "anonymous": headers = []
        default:
            headers = [try await story.server.addPerson(Story.freshName("person"), role: "admin", admin: true).bearer]
        }
        let result = try await run(configuration(story.repository), headers, on: story.server, seconds: 25)
        #expect(result.succeeded, "\(result.output.suffix(12_000))\n\(result.errorText.suffix(2_000))")
        #expect(story.server.isRunning)
        let failures = story.server.log.split(separator: "\n").filter { $0.contains(" error ") }
        #expect(failures.isEmpty, "\(failures.suffix(5))")
        #expect(try await story.server.stop() == 0)
    }
}
