import Access
import HubCore
import LFS
import Metadata
import NIOCore
import Testing

@Suite struct LFSPushTests {
    private static func world() async throws -> (World, RepositoryAddress, Actor, Actor) {
        let world = try await World.withKey(hasGit: true)
        let (ada, bob) = (try await world.user("ada"), try await world.user("bob"))
        let address = try await world.create("model/ada/tiny", by: ada).address
        try await world.repositories.grant(address, userName: "bob", role: .write, by: ada)
        return (world, address, ada, bob)
    }

    @Test func aPointerNeedsItsObject() async throws {
        let (world, address, ada, _) = try await Self.world()
        let blob = try Blob("some large file")
        let tree = try PushedTree(["weights/model.bin": blob.pointer, "README.md": "small"])
        let refused = try await world.push(tree, of: address, by: ada)
        #expect(refused.contains("ng refs/heads/main"), "\(refused)")
        #expect(refused.contains("path=weights/model.bin oid=\(blob.oid)"), "\(refused)")
        #expect(refused.contains("git lfs push --all"), "\(refused)")
        try await world.upload(blob, to: address, by: ada)
        #expect(try await world.push(tree, of: address, by: ada).contains("ok refs/heads/main"))
    }

    @Test func somebodyElsesObjectIsNoObject() async throws {
        let (world, address, ada, bob) = try await Self.world()
        let other = try await world.create("model/bob/own", by: bob).address
        let blob = try Blob("some large file")
        try await world.upload(blob, to: other, by: bob)
        let tree = try PushedTree(["model.bin": blob.pointer])
        #expect(try await world.push(tree, of: address, by: ada).contains("ng refs/heads/main"))
        #expect(try await world.outcome(.download, blob.object, at: address, by: ada).code == 404)
    }

    @Test func aPointerWithAnotherSizeIsRefused() async throws {
        let (world, address, ada, _) = try await Self.world()
        let blob = try Blob("some large file")
        try await world.upload(blob, to: address, by: ada)
        let tree = try PushedTree(["model.bin": blob.pointer.replacing("size 15", with: "size 16")])
        #expect(try await world.push(tree, of: address, by: ada).contains("ng refs/heads/main"))
    }

    @Test func whatOnlyLooksLikeAPointerIsAFile() async throws {
        let (world, address, ada, _) = try await Self.world()
        let pointer = try Blob("some large file").pointer
        let tree = try PushedTree(["a": pointer + "more\n", "b": "version 1.0\n", "c": pointer.uppercased()])
        #expect(try await world.push(tree, of: address, by: ada).contains("ok refs/heads/main"))
    }

    @Test func namesTenOfMany() async throws {
        let (world, address, ada, _) = try await Self.world()
        let files = try (0..<25).map { ("file-\($0)", try Blob("object \($0)").pointer) }
        let tree = try PushedTree(Dictionary(files) { first, _ in first })
        let report = try await world.push(tree, of: address, by: ada)
        #expect(report.split(separator: "MISSING path=").count == 11, "\(report)")
        #expect(report.contains("and 15 more"))
    }

    @Test func aRepositoryMayWarnOrNotLook() async throws {
        let (world, address, ada, _) = try await Self.world()
        let tree = try PushedTree(["model.bin": try Blob("some large file").pointer])
        try await world.repositories.setSettings(address, RepositorySettings(lfsPointers: .warn), by: ada)
        let warned = try await world.push(tree, of: address, by: ada)
        #expect(warned.contains("ok refs/heads/main") && warned.contains("MISSING path=model.bin"), "\(warned)")
        try await world.repositories.setSettings(address, RepositorySettings(lfsPointers: .off), by: ada)
        let more = try PushedTree(["model.bin": try Blob("another").pointer], parent: tree.commit)
        let silent = try await world.push(more, from: tree.commit, of: address, by: ada)
        #expect(silent.contains("ok refs/heads/main") && !silent.contains("MISSING"), "\(silent)")
    }

    @Test func aLockedPathIsItsHoldersToChange() async throws {
        let (world, address, ada, bob) = try await Self.world()
        let first = try PushedTree(["weights/model.bin": "one", "README.md": "small"])
        try await world.push(first, of: address, by: ada)
        let request = try LockRequest(body: ByteBuffer(string: "{\"path\":\"weights/model.bin\"}"))
        _ = try await world.lfs.createLock(address, request, by: ada, followsRename: false)
        let changes = [
            ["weights/model.bin": "two", "README.md": "small"], ["README.md": "small"], ["weights": "a file"],
            ["weights/other.bin": "one", "README.md": "small"],
        ]
        for files in changes {
            let tree = try PushedTree(files, parent: first.commit)
            for (ref, old) in [("refs/heads/main", first.commit), ("refs/heads/topic", World.zero)] {
                let report = try await world.push(tree, to: ref, from: old, of: address, by: bob)
                #expect(report.contains("GRANARY: LOCKED path=weights/model.bin owner=ada"), "\(report)")
                #expect(report.contains("ng \(ref)"), "\(report)")
            }
        }
        let harmless = try PushedTree(["weights/model.bin": "one", "README.md": "large"], parent: first.commit)
        let taken = try await world.push(harmless, to: "refs/heads/topic", of: address, by: bob)
        #expect(taken.contains("ok refs/heads/topic"), "\(taken)")
        let own = try PushedTree(["weights/model.bin": "two", "README.md": "small"], parent: first.commit)
        #expect(try await world.push(own, from: first.commit, of: address, by: ada).contains("ok refs/heads/main"))
    }
}
