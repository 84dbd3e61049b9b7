import GitCore
import GranaryTesting
import Testing

@Suite struct BlobProbeTests {
    private static let prefix = "version https://"

    /// Many small blobs that git stores as deltas of each other, some of which the probe is meant for.
    private static func stockPack() async throws -> (pack: [UInt8], expected: Set<String>) {
        let folder = try TemporaryDirectory("blob-probe")
        func git(_ arguments: String..., input: [UInt8] = []) async throws -> [UInt8] {
            var command = Command("git", arguments)
            command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": folder.path]
            command.directory = folder.path
            command.input = input
            return try await command.run().required().standardOutput
        }
        _ = try await git("init", "--quiet", "--bare", "--initial-branch=main", ".")
        let filler = String(repeating: "the same in all of them\n", count: 10)
        var stream = "commit refs/heads/main\ncommitter a <a@b> 1700000000 +0000\ndata 2\nc\n"
        var expected: Set<String> = []
        for file in 0..<40 {
            let isMeant = file % 2 == 0
            let isLong = file % 10 == 0
            let text =
                (isMeant ? prefix : "another ") + filler + "\(file)\n"
                + (isLong ? filler + filler + filler + filler : "")
            stream += "M 100644 inline f\(file)\ndata \(text.utf8.count)\n\(text)\n"
            if isMeant && text.utf8.count <= 1_000 { expected.insert(try GranaryTesting.GitObject(.blob, text).hex) }
        }
        _ = try await git("fast-import", "--quiet", input: Array(stream.utf8))
        return (try await git("pack-objects", "--all", "--stdout", "--delta-base-offset", "-q"), expected)
    }

    @Test func findsWhatItIsMeantForAlsoAmongDeltas() async throws {
        let (pack, expected) = try await Self.stockPack()
        let workshop = try Workshop()
        let quarantine = try workshop.quarantine()
        defer { quarantine.discard() }
        quarantine.probe = BlobProbe(limit: 1_000, prefix: Array(Self.prefix.utf8))
        try workshop.receive(pack, piece: 1_000, into: quarantine)
        #expect(quarantine.resolved.total > 10)
        #expect(expected.count == 16)
        #expect(Set(quarantine.probed.map(\.hex)) == expected)
    }

    /// Rebuilt in a file because of its base, the small blob is looked at all the same.
    @Test func findsASmallBlobMadeOutOfALargeOne() throws {
        let workshop = try Workshop()
        var limits = GitLimits.standard
        limits.objectBytesInMemory = 4_096
        let quarantine = try Quarantine(
            parent: workshop.repository.quarantinePath,
            name: "q",
            packs: workshop.repository.packs,
            visible: nil,
            limits: limits
        )
        defer { quarantine.discard() }
        quarantine.probe = BlobProbe(limit: 1_000, prefix: Array(Self.prefix.utf8))
        let base = GranaryTesting.GitObject(.blob, String(repeating: "large ", count: 2_000))
        let small = GranaryTesting.GitObject(.blob, Self.prefix + "small")
        var delta = HandMadeDelta(source: 12_000, target: Self.prefix.utf8.count + 5)
        delta.insert(Array((Self.prefix + "small").utf8))
        var pack = HostilePack([base])
        pack.addRefDelta(base: try base.id, delta: delta.bytes)
        try workshop.receive(try pack.bytes, piece: 1_000, into: quarantine)
        #expect(quarantine.probed.map(\.hex) == [try small.hex])
    }

    @Test func findsNothingUnasked() async throws {
        let (pack, _) = try await Self.stockPack()
        let workshop = try Workshop()
        let quarantine = try workshop.quarantine()
        defer { quarantine.discard() }
        try workshop.receive(pack, piece: 1_000, into: quarantine)
        #expect(quarantine.probed.isEmpty)
    }
}
