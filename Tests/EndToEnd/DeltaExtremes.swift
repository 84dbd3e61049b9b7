import GranaryTesting
import Testing

@Suite("Objects at the edges of what packs can hold", .serialized, .sharedServer)
struct DeltaExtremes {
    /// A small blob may be stored as a delta on one that is too large for memory.
    @Test func aSmallBlobMadeOutOfALargeOneIsServedAlone() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        var random = SeededRandom(91)
        let large = random.bytes(20 << 20)
        try work.write("weights.bin", large)
        try await work.commit("large")
        try work.write("weights.bin", Array(large.prefix(5 << 20)))
        try await work.commit("small")
        try await work("gc", "--quiet", "--prune=now")
        try await work("push", "origin", "main")
        let clone = try await story.git().clone(story.url(), "shallow", "--depth", "1")
        try await clone("fsck", "--strict")
        try await story.verify(equals: work)
    }

    @Test func headersAreNotPadded() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let blob = GitObject(.blob, Array("padded\n".utf8))
        // The size field goes on with zeros.
        var pack = HostilePack()
        pack.addRaw([0xb7, 0x80, 0x00] + StoredDeflate.stream(of: blob.content))
        let report = try await story.push(
            PushRequest(creating: "refs/heads/x", at: try await work.id("main"), pack: try pack.bytes)
        )
        #expect(report.isRefusal, "\(report)")
        try await story.expectUnchanged(since: before)
    }

    @Test func tagsOfTagsHaveALimit() async throws {
        let story = try await Story.begin()
        let ground = try await HostileGround(story.seeded())
        let before = try await story.remoteRefs()
        var tags = [GitObject.annotatedTag(of: ground.tip, type: "commit")]
        for _ in 0..<200 {
            let inner = try tags[tags.count - 1].hex
            tags.append(GitObject.annotatedTag(of: inner, type: "tag"))
        }
        let tip = try tags[tags.count - 1].hex
        let report = try await story.push(
            PushRequest(creating: "refs/tags/deep", at: tip, pack: try HostilePack(tags).bytes)
        )
        #expect(report.isRefusal, "\(report)")
        try await story.expectUnchanged(since: before)
        try await story.verify()
    }

    /// What was pushed first is what is served, whatever comes later under the same id.
    @Test func aSecondCopyDoesNotReplaceTheFirst() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let blob = GitObject(.blob, Array("first copy\n".utf8))
        let tree = try GitObject.tree("100644", "a", blob.id)
        let commit = GitObject.commit(tree: try tree.hex)
        let first = PushRequest(
            creating: "refs/heads/one",
            at: try commit.hex,
            pack: try HostilePack([blob, tree, commit]).bytes
        )
        #expect(try await !story.push(first).isRefusal)
        let filler = GitObject(.blob, [UInt8](repeating: 0x61, count: 60_000))
        let wide = try GitObject.tree("100644", "b", filler.id)
        let other = GitObject.commit(tree: try wide.hex)
        let second = PushRequest(
            creating: "refs/heads/two",
            at: try other.hex,
            pack: try HostilePack([blob, tree, commit, filler, wide, other]).bytes
        )
        _ = try await story.push(second)
        try await story.verify()
    }
}
