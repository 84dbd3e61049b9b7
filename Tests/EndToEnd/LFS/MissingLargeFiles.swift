import GranaryTesting
import Testing

@Suite("Pushes whose large files are missing", .serialized, .sharedServer)
struct MissingLargeFiles {
    /// A repository whose commit has a pointer to what was never sent: made without git-lfs.
    private func pointerWork(_ story: Story, _ wire: Wire, _ pointers: [String: String]) async throws -> GitClient {
        let work = try await story.git(wire).newRepository("work")
        try await work.commit("pointers", pointers)
        try await work("remote", "add", "origin", story.url(wire))
        return work
    }

    @Test(arguments: [Wire.standard, .standardSSH])
    func areRefusedAndNamed(wire: Wire) async throws {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 1_000, seed: 77)
        let work = try await pointerWork(story, wire, ["dir/model.bin": sample.pointer])
        let push = try await work.attempt("push", "origin", "main")
        #expect(!push.succeeded, "\(push)")
        #expect(push.errorText.contains("GRANARY: MISSING path=dir/model.bin oid=\(sample.oid)"), "\(push)")
        #expect(push.errorText.contains("git lfs push --all"), "\(push)")
        #expect(try await story.remoteRefs().isEmpty)

        #expect(try await story.lfs.upload(sample).status == 200)
        try await work("push", "--quiet", "origin", "main")
    }

    @Test func anotherRepositorysObjectDoesNotCount() async throws {
        let story = try await Story.begin()
        let other = try await Story.begin()
        let sample = try ObjectSample(size: 2_000, seed: 78)
        #expect(try await other.lfs.upload(sample).status == 200)
        let work = try await pointerWork(story, .standard, ["a.bin": sample.pointer])
        let push = try await work.attempt("push", "origin", "main")
        #expect(!push.succeeded && push.errorText.contains("MISSING path=a.bin"), "\(push)")
        // Nor does a pointer with another size than the object has.
        #expect(try await story.lfs.upload(sample).status == 200)
        let wrong = sample.pointer.replacing("size 2000", with: "size 2001")
        let second = try await pointerWork(story, .standard, ["a.bin": wrong])
        let refused = try await second.attempt("push", "origin", "main")
        #expect(!refused.succeeded, "\(refused)")
        try await work("push", "--quiet", "origin", "main")
    }

    @Test func textsThatOnlyLookLikePointersPass() async throws {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 3_000, seed: 79)
        let work = try await pointerWork(
            story,
            .standard,
            [
                "a.txt": sample.pointer + "and more\n", "b.txt": "version https://git-lfs.github.com/spec/v1\n",
                "c.txt": sample.pointer.replacing("sha256", with: "md5"),
            ]
        )
        try await work("push", "--quiet", "origin", "main")
    }

    @Test func theRuleIsASettingOfTheRepository() async throws {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 4_000, seed: 80)
        let work = try await pointerWork(story, .standard, ["a.bin": sample.pointer])
        try await story.server.granary("repo", "set", story.repository.address, "--lfs-pointers", "warn")
        let push = try await work.attempt("push", "origin", "main")
        #expect(push.succeeded && push.errorText.contains("MISSING path=a.bin"), "\(push)")
    }
}
