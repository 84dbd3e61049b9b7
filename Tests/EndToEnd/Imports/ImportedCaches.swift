import Foundation
import GranaryTesting
import Testing

@Suite(
    "Imported caches of Hugging Face's clients",
    .serialized,
    .sharedServer,
    .enabled(if: HubClient.newest.interpreter != nil, "GRANARY_TEST_HUB_NEWEST is not set")
)
struct ImportedCaches {
    /// Runs `fixtures/hub/imported_cache.py` as alice.
    private func client(_ home: TemporaryDirectory, cached: String, _ arguments: String...) async throws
        -> CommandResult
    {
        let shared = try SharedServer.running
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../fixtures/hub/imported_cache.py").standardizedFileURL.path
        var command = Command(HubClient.newest.interpreter ?? "python3", ["-B", script] + arguments)
        command.timeout = .seconds(120)
        command.directory = home.path
        command.environment = [
            "CACHED_REPOSITORY": cached, "HF_ENDPOINT": shared.server.base, "HF_TOKEN": shared.alice.secret,
            "HF_HOME": home.path("hf"), "HOME": home.path, "TMPDIR": try home.directory("tmp"), "NO_PROXY": "*",
            "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        ]
        return try await command.run()
    }

    @Test func everyRevisionIsFoundByEveryNameItHad() async throws {
        let home = try TemporaryDirectory("cache")
        let (name, cache) = (Story.freshName("cached"), home.path("cache"))
        let server = try SharedServer.running.server
        let filled = try await client(home, cached: "alice/\(name)", "fill", cache, "alice/\(name)").required()
        let ids = filled.output.split(whereSeparator: \.isWhitespace).map(String.init)
        try #require(ids.count == 2)
        _ = try await server.run(["org", "add", "mirror"]).required()
        _ = try await server.run(["org", "member", "mirror", "alice", "write"]).required()
        let planned = try await server.run(["import", "hf-cache", cache, "--namespace", "mirror", "--dry-run"])
            .required()
        #expect(planned.output.split(separator: "\n").count == 2)
        let imported = try await server.run(["import", "hf-cache", cache, "--namespace", "mirror", "--public"])
            .required()
        #expect(imported.output.split(separator: "\n").count == 2, "\(imported)")
        let compared = try await client(
            home,
            cached: "alice/\(name)",
            "compare",
            cache,
            "mirror/\(name)",
            ids[0],
            ids[1]
        )
        #expect(compared.succeeded, "\(compared)")
        let again = try await server.run(["import", "hf-cache", cache, "--namespace", "mirror"]).required()
        #expect(again.output.isEmpty && again.errorText.contains("imported before"), "\(again)")
        #expect(try await server.run(["fsck", "model/mirror/\(name)"]).succeeded)
    }

    @Test func anIncompleteRevisionIsImportedAndFinishedLater() async throws {
        let home = try TemporaryDirectory("cache")
        let id = String(repeating: "0123456789", count: 4)
        let base = "cache/models--elsewhere--\(Story.freshName("partial"))"
        for folder in ["blobs", "refs", "snapshots/\(id)"] { _ = try home.directory("\(base)/\(folder)") }
        try home.write("\(base)/refs/main", id)
        try home.write("\(base)/blobs/aa", "whole\n")
        for (link, blob) in [("whole.txt", "aa"), ("late.txt", "bb")] {
            symlink("../../blobs/\(blob)", home.path("\(base)/snapshots/\(id)/\(link)"))
        }
        let server = try SharedServer.running.server
        let arguments = ["import", "hf-cache", home.path("cache"), "--namespace", "alice"]
        let first = try await server.run(arguments)
        #expect(first.status == 1 && first.errorText.contains("late.txt"), "\(first)")
        try home.write("\(base)/blobs/bb", "late\n")
        _ = try await server.run(arguments).required()
        let again = try await server.run(arguments).required()
        #expect(again.errorText.contains("imported before"))
    }
}
