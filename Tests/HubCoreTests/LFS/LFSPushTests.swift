import Access
import GitCore
import GranaryTesting
import HubCore
import LFS
import Metadata
import NIOCore
import Synchronization
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

    /// Deleting a branch and making it anew would go round what the lock protects.
    @Test func aBranchWithLocksOfOthersStays() async throws {
        let (world, address, ada, bob) = try await Self.world()
        let first = try PushedTree(["model.bin": "one"])
        try await world.push(first, of: address, by: ada)
        try await world.push(first, to: "refs/heads/topic", of: address, by: ada)
        try await world.push(first, to: "refs/heads/other", of: address, by: ada)
        let body = "{\"path\":\"model.bin\",\"ref\":{\"name\":\"refs/heads/topic\"}}"
        let request = try LockRequest(body: ByteBuffer(string: body))
        _ = try await world.lfs.createLock(address, request, by: ada, followsRename: false)
        let report = try await world.deletion("refs/heads/topic", at: first.commit, of: address, by: bob)
        #expect(report.contains("ng refs/heads/topic others hold locks"), "\(report)")
        try await world.deleteRef("refs/heads/other", at: first.commit, of: address, by: bob)
        try await world.deleteRef("refs/heads/topic", at: first.commit, of: address, by: ada)
    }

    @Test func aLockThatNamesTheBranchBrieflyCountsToo() async throws {
        let (world, address, ada, bob) = try await Self.world()
        let first = try PushedTree(["model.bin": "one"])
        try await world.push(first, to: "refs/heads/topic", of: address, by: ada)
        let body = "{\"path\":\"model.bin\",\"ref\":{\"name\":\"topic\"}}"
        let request = try LockRequest(body: ByteBuffer(string: body))
        _ = try await world.lfs.createLock(address, request, by: ada, followsRename: false)
        let report = try await world.deletion("refs/heads/topic", at: first.commit, of: address, by: bob)
        #expect(report.contains("ng refs/heads/topic others hold locks"), "\(report)")
    }

    /// A lock that is made between the look at the locks and the change of the refs.
    @Test(arguments: [true, false]) func aLockThatComesInBetweenCounts(isOthers: Bool) async throws {
        let (world, address, ada, bob) = try await Self.world()
        let first = try PushedTree(["model.bin": "one"])
        try await world.push(first, of: address, by: ada)
        var settings = RepositorySettings()
        settings.lfsPointers = .warn
        try await world.repositories.setSettings(address, settings, by: ada)
        // The warning about a missing file goes out after the look and before the change.
        let second = try PushedTree(["model.bin": "two", "x": Blob("missing").pointer], parent: first.commit)
        var request = PushRequest(
            [PushRequest.Change(first.commit, second.commit, "refs/heads/main")],
            pack: second.pack
        )
        request.capabilities = "report-status side-band-64k agent=granary-tests object-format=sha1"
        let session = try await world.hub.git.open(
            address,
            service: .receivePack,
            actor: bob,
            requestID: "test",
            followsRename: false
        )
        let holder = isOthers ? ada : bob
        let output = WatchedOutput(until: "MISSING") {
            let request = try LockRequest(body: ByteBuffer(string: "{\"path\":\"model.bin\"}"))
            _ = try await world.lfs.createLock(address, request, by: holder, followsRename: false)
        }
        try? await session.serve(version: .v0, input: Pieces(request.bytes), to: output)
        #expect(output.hasActed)
        #expect(output.text.contains("ok refs/heads/main") == !isOthers, "\(output.text)")
        let repository = try await world.repositories.resolve(address, action: .readRepository, by: .operator)
        let tip = try await world.hub.metadata.read { try $0.refs(repositoryID: repository.id).map(\.oid) }
        #expect(tip == [isOthers ? first.commit : second.commit])
    }

    /// Locks are read page by page; each push obeys all of them.
    @Test func manyLocksAreObeyed() async throws {
        let (world, address, ada, bob) = try await Self.world()
        let first = try PushedTree(["zz.bin": "one"])
        try await world.push(first, of: address, by: ada)
        let repository = try await world.repositories.resolve(address, action: .readRepository, by: .operator)
        guard case .user(let user) = ada else { return }
        try await world.lock(
            (0..<2_500).map { "a/\($0)" } + ["zz.bin"],
            in: repository.id,
            by: user
        )
        let tree = try PushedTree(["zz.bin": "two"], parent: first.commit)
        let report = try await world.push(tree, from: first.commit, of: address, by: bob)
        #expect(report.contains("GRANARY: LOCKED path=zz.bin owner=ada"), "\(report)")
        try await world.lock((2_500..<9_999).map { "a/\($0)" }, in: repository.id, by: user)
        await expectStatus(403) {
            let request = try LockRequest(body: ByteBuffer(string: "{\"path\":\"one-too-many\"}"))
            _ = try await world.lfs.createLock(address, request, by: ada, followsRename: false)
        }
        let others = try LockRequest(body: ByteBuffer(string: "{\"path\":\"room-for-others\"}"))
        guard case .created = try await world.lfs.createLock(address, others, by: bob, followsRename: false) else {
            Issue.record("bob got no lock")
            return
        }
    }
}

extension World {
    /// Makes locks without asking.
    fileprivate func lock(_ paths: [String], in id: RecordID, by user: UserActor) async throws {
        let ids = try paths.map { _ in
            let random = try HubEnvironment.system().randomBytes(RecordID.randomByteCount)
            return try #require(RecordID(microseconds: clock.tick(), random: random))
        }
        try await hub.metadata.transaction { records in
            for (path, lockID) in zip(paths, ids) {
                _ = try records.insertLFSLock(
                    LFSLockRecord(
                        id: lockID,
                        repositoryID: id,
                        path: path,
                        ownerID: user.id,
                        ownerName: user.name,
                        lockedAt: clock.now
                    )
                )
            }
        }
    }
}

/// Does something once, when the server has written a certain text.
private final class WatchedOutput: ByteSink {
    private struct State {
        var bytes: [UInt8] = []
        var hasActed = false
    }

    private let state = Mutex(State())
    private let mark: String
    private let act: @Sendable () async throws -> Void

    init(until mark: String, _ act: @escaping @Sendable () async throws -> Void) {
        self.mark = mark
        self.act = act
    }

    var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }
    var hasActed: Bool { state.withLock { $0.hasActed } }

    func write(_ buffer: ByteBuffer) async throws {
        let isTime = state.withLock { state in
            state.bytes += Array(buffer.readableBytesView)
            guard !state.hasActed, String(decoding: state.bytes, as: UTF8.self).contains(mark) else { return false }
            state.hasActed = true
            return true
        }
        if isTime { try await act() }
    }
}
