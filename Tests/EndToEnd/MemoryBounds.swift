import Foundation
import GranaryTesting
import Testing

/// The memory that `docs/LIMITS.md` promises, at a size that a test suite can afford; 1 GiB with `GRANARY_TEST_LARGE=1`.
@Suite("Memory does not grow with what is pushed", .serialized, .ownServers)
struct MemoryBounds {
    private static let isLarge = ProcessInfo.processInfo.environment["GRANARY_TEST_LARGE"] == "1"
    private static let bound = 128 << 20

    @Test(arguments: [Wire.standard, .standardSSH])
    func pushAndCloneOfIncompressibleBlobs(wire: Wire) async throws {
        try await measure(wire, .incompressible(files: Self.isLarge ? 128 : 24, bytesEach: 8 << 20, seed: 101))
    }

    @Test(arguments: [Wire.standard, .standardSSH])
    func pushAndCloneOfOneLargeBlob(wire: Wire) async throws {
        try await measure(wire, .incompressible(files: 1, bytesEach: Self.isLarge ? 512 << 20 : 160 << 20, seed: 102))
    }

    private func measure(_ wire: Wire, _ stream: FastImport) async throws {
        let server = try await GranaryServer.start()
        let alice = try await server.addPerson("alice")
        let repository = try await server.addRepository("model", "alice", "large")
        let story = Story(server: server, owner: alice, repository: repository)
        var git = try story.git(wire).with("core.compression=0").with("core.bigFileThreshold=1m")
        git.timeout = .seconds(600)
        // A small push first, so that what is loaded once counts as idle.
        let small = try await git.newRepository("small")
        try await small.commit("small", ["a": "a\n"])
        try await small("push", "--quiet", story.url(wire), "main:refs/heads/small")
        let source = try await git.imported("source", stream)
        let idle = try server.measurements().resident

        try server.resetPeak()
        try await source("push", "--quiet", story.url(wire), "main")
        let push = try server.measurements().peakResident
        try server.resetPeak()
        let clone = try await git.clone(story.url(wire), "clone", "--bare", "--branch", "main", "--single-branch")
        let fetch = try server.measurements().peakResident
        print(
            "memory over \(wire.testDescription): idle \(idle >> 20) MiB, push \(push >> 20) MiB, clone \(fetch >> 20) MiB"
        )
        #expect(push < idle + Self.bound, "push: \(push >> 20) MiB, idle \(idle >> 20) MiB")
        #expect(fetch < idle + Self.bound, "clone: \(fetch >> 20) MiB, idle \(idle >> 20) MiB")
        #expect(try await clone.objects() == source.objects())
        #expect(try await server.stop() == 0)
    }
}
