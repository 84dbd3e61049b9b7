import Foundation
import GranaryTesting
import Testing

/// Garbage collection by the command line, beside a server that runs, compared with what git itself says is in use.
@Suite("Garbage among large files", .serialized, .ownServers)
struct CollectedGarbage {
    /// The large files that any commit which a ref leads to points at, as git and git-lfs tell.
    private func inUse(_ stories: [Story]) async throws -> Set<String> {
        var oids: Set<String> = []
        for story in stories {
            var git = try await story.largeFileGit()
            git.environment["GIT_LFS_SKIP_SMUDGE"] = "1"
            let mirror = try await git.clone(story.url(), Story.freshName("mirror"), "--mirror")
            let blobs = try await mirror("rev-list", "--objects", "--all").split(separator: "\n").map { $0.prefix(40) }
            for blob in blobs where try await mirror("cat-file", "-t", String(blob)) == "blob" {
                let text = try await mirror("cat-file", "-p", String(blob))
                guard text.hasPrefix("version https://git-lfs") else { continue }
                let line = text.split(separator: "\n").first { $0.hasPrefix("oid sha256:") }
                if let line { oids.insert(String(line.dropFirst("oid sha256:".count))) }
            }
        }
        return oids
    }

    /// The objects in the store's directory.
    private func stored(_ server: GranaryServer) -> Set<String> {
        let root = server.dataDirectory + "/objects/objects"
        let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        // aa/bb/OID; what is in quarantine lies elsewhere.
        let objects = paths.map { $0.split(separator: "/") }.filter { $0.count == 3 && $0[2].count == 64 }
        return Set(objects.map { String($0[2]) })
    }

    private func push(_ names: [String], _ work: GitClient, to branch: String) async throws {
        for name in names { try work.write("\(name).bin", Array("content of \(name)".utf8)) }
        try await work.commit(names.joined(separator: ", "))
        try await work("push", "--quiet", "origin", "HEAD:refs/heads/\(branch)")
    }

    @Test func isExactlyWhatNothingLeadsTo() async throws {
        let story = try await Story.alone()
        let work = try await story.largeFileWork()
        try await push(["kept", "old"], work, to: "main")
        try await work("rm", "--quiet", "old.bin")
        try await push(["new"], work, to: "main")
        try await work("checkout", "--quiet", "-b", "side")
        try await push(["side", "shared"], work, to: "side")
        // Another repository with the same history and one file more; then a third one that is deleted.
        let fork = try await story.elsewhere("fork")
        try await work("remote", "add", "fork", fork.url())
        try await work("push", "--quiet", "fork", "main", "side")
        let gone = try await story.elsewhere("gone")
        try await work("remote", "add", "gone", gone.url())
        try work.write("gone.bin", Array("content of gone".utf8))
        try await work.commit("gone")
        try await work("push", "--quiet", "gone", "HEAD:refs/heads/main")
        try await story.server.granary("repo", "delete", gone.repository.address, "--yes")
        // The branch goes from the first repository, and from the second a commit of it.
        try await work("push", "--quiet", "origin", ":side")
        try await work("push", "--quiet", "--force", "fork", "main:side")

        let before = stored(story.server)
        let used = try await inUse([story, fork])
        #expect(before.count == 6 && used.count == 3, "\(before) \(used)")
        let young = try await story.server.run(["lfs", "gc"])
        #expect(young.succeeded && stored(story.server) == before, "the young stay: \(young)")
        let dry = try await story.server.run(["lfs", "gc", "--dry-run", "--grace", "0"])
        #expect(dry.succeeded && stored(story.server) == before, "\(dry)")
        for oid in before.subtracting(used) { #expect(dry.output.contains(oid), "\(dry)") }
        for oid in used { #expect(!dry.output.contains(oid), "\(dry)") }

        try await story.server.granary("lfs", "gc", "--grace", "0")
        #expect(stored(story.server) == used)
        for each in [story, fork] {
            let clone = try await each.largeFileGit().clone(each.url(), Story.freshName("clone"))
            #expect(clone.contents("new.bin") == Array("content of new".utf8))
        }
        try await story.server.granary("lfs", "gc", "--undo")
        #expect(stored(story.server) == before)
        let fsck = try await story.server.run(["lfs", "fsck"])
        #expect(fsck.succeeded, "\(fsck)")
        #expect(try await story.server.stop() == 0)
    }

    /// The server collects by itself; nothing of what is young or in use goes.
    @Test func goesByItself() async throws {
        let story = try await Story.alone(["--set", "lfs-gc-seconds=1"])
        let work = try await story.largeFileWork()
        try await push(["kept"], work, to: "main")
        let before = stored(story.server)
        let ran = try await eventually(within: .seconds(30)) {
            story.server.log.contains("large files collected")
        }
        #expect(ran)
        #expect(stored(story.server) == before)
        #expect(try await story.server.stop() == 0)
    }
}
