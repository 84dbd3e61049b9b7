import Foundation
import GranaryTesting
import OpenSSLKit
import Testing
import Xet

/// A server that is killed while chunks arrive, and collections that are killed while chunks go.
@Suite("Chunks when the power goes", .serialized, .ownServers)
struct ChunkCrashes {
    private static let seed: UInt64 = 20_261_128
    private static let rounds = 60

    /// What was acknowledged.
    private struct Committed: Sendable {
        let path: String
        let sample: ChunkedSample
    }

    private actor Ledger {
        private(set) var committed: [Committed] = []
        func add(_ entry: Committed) { committed.append(entry) }
    }

    /// Sends, registers and commits, until something fails.
    private func upload(_ sample: ChunkedSample, _ path: String, _ client: ChunkClient, _ ledger: Ledger) async {
        do {
            guard try await client.send(sample.xorb, as: sample.hash).status == 200 else { return }
            guard try await client.register(sample.shard.bytes).status == 200 else { return }
            switch path.suffix(1) {
            // Some are never referred to.
            case "0", "5": return
            // Of some a little lives on in another file, so that their xorbs are written anew.
            case "1", "4", "7":
                let part = try ChunkedSample(0..<1, of: sample)
                guard try await client.register(part.shard.bytes).status == 200,
                    try await commit(part, path, client.story)
                else { return }
                await ledger.add(Committed(path: path, sample: part))
            default:
                guard try await commit(sample, path, client.story) else { return }
                await ledger.add(Committed(path: path, sample: sample))
            }
        } catch {
            // The server is gone.
        }
    }

    private func commit(_ sample: ChunkedSample, _ path: String, _ story: Story) async throws -> Bool {
        let oid = Hex.encode(try SHA256.digest(sample.content))
        let lines = [
            #"{"key":"header","value":{"summary":"\#(path)"}}"#,
            #"{"key":"lfsFile","value":{"path":"\#(path)","algo":"sha256","oid":"\#(oid)","size":\#(sample.content.count)}}"#,
        ]
        let answer = try await story.server.curl(
            "POST",
            "/api/models/\(story.repository.namespace)/\(story.repository.name)/commit/main",
            headers: ["Content-Type: application/x-ndjson", story.owner.bearer],
            body: Array(lines.joined(separator: "\n").utf8)
        )
        return answer.status == 200
    }

    private func check(_ entries: some Collection<Committed>, _ story: Story) async throws {
        // Without a commit there is no revision to read.
        guard !entries.isEmpty else { return }
        let client = try await ChunkClient(story, "read")
        for entry in entries {
            #expect(try await client.download(entry.sample.file) == entry.sample.content, "\(entry.path)")
            let plain = try await story.server.curl(
                "GET",
                "/\(story.repository.namespace)/\(story.repository.name)/resolve/main/\(entry.path)",
                headers: [story.owner.bearer]
            )
            #expect(plain.status == 200 && plain.body == entry.sample.content, "\(entry.path)")
        }
    }

    @Test func noAcknowledgedFileIsLost() async throws {
        print("chunk crashes: seed \(Self.seed), \(Self.rounds) kills of the server, as many of collections")
        var random = SeededRandom(Self.seed)
        let story = try await Story.alone()
        let ledger = Ledger()
        for round in 0..<Self.rounds {
            let client = try await ChunkClient(story)
            let samples = try (0..<3).map { _ in
                try ChunkedSample(chunks: [9_000, Int.random(in: 8_192...131_072, using: &random), 60_000], &random)
            }
            let delay = Duration.milliseconds(Int.random(in: 0...300, using: &random))
            let collectionDelay = Duration.milliseconds(Int.random(in: 0...250, using: &random))
            await withTaskGroup(of: Void.self) { group in
                for (number, sample) in samples.enumerated() {
                    group.addTask { await upload(sample, "f\(round * 3 + number)", client, ledger) }
                }
                group.addTask { await killCollection(of: story.server, after: collectionDelay) }
                try? await Task.sleep(for: delay)
                await story.server.kill()
                await group.waitForAll()
            }
            try await story.server.start()
            try await check(await ledger.committed.shuffled(using: &random).prefix(2), story)
        }
        let committed = await ledger.committed
        print("chunk crashes: \(committed.count) files were acknowledged")
        #expect(!committed.isEmpty)
        // The first takes the rows, and what could bring them back; the second the files; then xorbs are written anew.
        var told = ""
        for _ in 0..<3 { told += try await story.server.run(["lfs", "gc"] + Self.everything).required().errorText }
        print("chunk crashes: \(told.split(separator: "\n").filter { $0.contains("written anew") })")
        try await check(committed, story)
        let fsck = try await story.server.run(["lfs", "fsck"])
        #expect(fsck.succeeded, "\(fsck)")
        #expect(story.server.isRunning)
    }

    /// Nothing is spared, and nothing can be brought back.
    private static let everything = ["--grace", "0", "--chunk-grace", "0", "--keep", "0"]

    private func killCollection(of server: GranaryServer, after delay: Duration) async {
        var command = Command(
            GranaryServer.executable,
            ["lfs", "gc", "--data", server.dataDirectory] + Self.everything
        )
        command.directory = server.dataDirectory
        guard let files = try? TemporaryDirectory("gc"), let collection = try? command.start(in: files) else { return }
        try? await Task.sleep(for: delay)
        await collection.kill()
    }
}
