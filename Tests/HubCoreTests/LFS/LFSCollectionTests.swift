import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Synchronization
import Testing

@Suite struct LFSCollectionTests {
    private static let longAgo: Int64 = 20 * 365 * 86_400

    /// Two repositories; of each, some objects are referred to by a branch or an old commit, some by nothing.
    private struct Scene {
        let world: World
        let ada: Actor
        let one: RepositoryAddress
        let two: RepositoryAddress
        /// By name; "gone" ones are those that nothing refers to.
        let blobs: [String: Blob]

        func blob(_ name: String) throws -> Blob { try #require(blobs[name]) }

        func stored() async throws -> Set<String> {
            var stored: Set<String> = []
            for (name, blob) in blobs where try await world.objects.size(of: blob.oid) != nil { stored.insert(name) }
            return stored
        }

        func has(_ name: String, _ address: RepositoryAddress) async throws -> Bool {
            let row = try await world.outcome(.upload, try blob(name).object, at: address, by: ada)
            return row == .present
        }
    }

    private static func scene() async throws -> Scene {
        let world = try await World.withKey(hasGit: true)
        let ada = try await world.user("ada")
        let one = try await world.create("model/ada/one", by: ada).address
        let two = try await world.create("dataset/ada/two", by: ada).address
        let names = ["old", "new", "topic", "shared", "gone", "halfGone"]
        let blobs = Dictionary(uniqueKeysWithValues: try names.map { ($0, try Blob("content of \($0)")) })
        let scene = Scene(world: world, ada: ada, one: one, two: two, blobs: blobs)
        for name in names { try await world.upload(try scene.blob(name), to: one, by: ada) }
        for name in ["shared", "halfGone"] { try await world.upload(try scene.blob(name), to: two, by: ada) }
        let first = try PushedTree(["a": scene.blob("old").pointer])
        let second = try PushedTree(["a": scene.blob("new").pointer], parent: first.commit)
        try await world.push(first, of: one, by: ada)
        try await world.push(second, from: first.commit, of: one, by: ada)
        let topic = try PushedTree(["x/y": scene.blob("topic").pointer], parent: first.commit)
        try await world.push(topic, to: "refs/heads/topic", of: one, by: ada)
        try await world.push(try PushedTree(["s": scene.blob("shared").pointer]), of: two, by: ada)
        try await world.push(
            try PushedTree(["h": scene.blob("halfGone").pointer]),
            to: "refs/heads/old",
            of: two,
            by: ada
        )
        return scene
    }

    private static func plan(grace: Int64 = 86_400, keep: Int64 = 100 * 365 * 86_400) -> LFSCollectionPlan {
        var plan = LFSCollectionPlan()
        plan.graceSeconds = grace
        plan.quarantineSeconds = keep
        return plan
    }

    @Test func takesExactlyWhatNothingRefersTo() async throws {
        let scene = try await Self.scene()
        scene.world.clock.advance(seconds: Self.longAgo)
        let lines = Mutex<[String]>([])
        let observer = LFSCollectionObserver(step: { step in lines.withLock { $0.append(step.json) } })
        let report = try await scene.world.lfs.collect(Self.plan(), by: .operator, observer: observer)
        // one: old, new and topic are referred to; shared, gone and halfGone are not. two refers to both of its own.
        #expect(report.rows.objects == 3)
        #expect(report.quarantined.objects == 1)
        #expect(report.skipped.isEmpty)
        #expect(try await scene.stored() == ["old", "new", "topic", "shared", "halfGone"])
        for name in ["old", "new", "topic"] { #expect(try await scene.has(name, scene.one), "\(name)") }
        for name in ["shared", "gone", "halfGone"] { #expect(try await !scene.has(name, scene.one), "\(name)") }
        for name in ["shared", "halfGone"] { #expect(try await scene.has(name, scene.two), "\(name)") }
        #expect(lines.withLock { $0.count } == 4)
    }

    @Test func aDryRunTellsTheSameAndDoesNothing() async throws {
        let scene = try await Self.scene()
        scene.world.clock.advance(seconds: Self.longAgo)
        var plan = Self.plan()
        plan.isDryRun = true
        let foretold = try await scene.world.lfs.collect(plan, by: .operator)
        #expect(try await scene.stored() == Set(scene.blobs.keys))
        #expect(try await scene.has("gone", scene.one))
        let done = try await scene.world.lfs.collect(Self.plan(), by: .operator)
        #expect(foretold.rows == done.rows)
        #expect(foretold.quarantined == done.quarantined)
    }

    @Test func leavesWhatIsYoung() async throws {
        let scene = try await Self.scene()
        let report = try await scene.world.lfs.collect(Self.plan(), by: .operator)
        #expect(report.rows.objects == 0)
        #expect(report.quarantined.objects == 0)
    }

    @Test func undoBringsRowsAndBytesBack() async throws {
        let scene = try await Self.scene()
        scene.world.clock.advance(seconds: Self.longAgo)
        _ = try await scene.world.lfs.collect(Self.plan(), by: .operator)
        let restored = try await scene.world.lfs.undoCollection(by: .operator)
        #expect(restored.objects == 3)
        #expect(try await scene.stored() == Set(scene.blobs.keys))
        let gone = try scene.blob("gone")
        #expect(try await scene.world.download(gone.object, from: scene.one, by: scene.ada) == gone.bytes)
        // What came back is new again.
        #expect(try await scene.world.lfs.collect(Self.plan(), by: .operator).rows.objects == 0)
    }

    @Test func anUploadBringsBackWhatWasSetAside() async throws {
        let scene = try await Self.scene()
        scene.world.clock.advance(seconds: Self.longAgo)
        _ = try await scene.world.lfs.collect(Self.plan(), by: .operator)
        let gone = try scene.blob("gone")
        try await scene.world.upload(gone, to: scene.two, by: scene.ada)
        #expect(try await scene.world.download(gone.object, from: scene.two, by: scene.ada) == gone.bytes)
        scene.world.clock.advance(seconds: 60)
        let report = try await scene.world.lfs.collect(Self.plan(), by: .operator)
        #expect(report.quarantined.objects == 0)
        #expect(try await scene.world.download(gone.object, from: scene.two, by: scene.ada) == gone.bytes)
    }

    @Test func whatWasInQuarantineForLongIsDeleted() async throws {
        let scene = try await Self.scene()
        scene.world.clock.advance(seconds: Self.longAgo)
        let report = try await scene.world.lfs.collect(Self.plan(keep: 0), by: .operator)
        #expect(report.quarantined.objects == 1)
        #expect(report.purged == 1)
        let gone = try scene.blob("gone")
        #expect(try await !scene.world.objects.restore(gone.oid))
    }

    @Test func aDeletedBranchAndRepositoryLetTheirObjectsGo() async throws {
        let scene = try await Self.scene()
        let topic = try PushedTree(
            ["x/y": scene.blob("topic").pointer],
            parent: try PushedTree(["a": scene.blob("old").pointer]).commit
        )
        try await scene.world.deleteRef("refs/heads/topic", at: topic.commit, of: scene.one, by: scene.ada)
        try await scene.world.repositories.delete(scene.two, by: scene.ada)
        scene.world.clock.advance(seconds: Self.longAgo)
        _ = try await scene.world.lfs.collect(Self.plan(), by: .operator)
        #expect(try await scene.stored() == ["old", "new"])
    }

    @Test func onlyAdministratorsOfTheHubCollect() async throws {
        let scene = try await Self.scene()
        await expectError(.forbidden) { _ = try await scene.world.lfs.collect(Self.plan(), by: scene.ada) }
        await expectError(.forbidden) { _ = try await scene.world.lfs.undoCollection(by: scene.ada) }
    }

    @Test func fsckFindsWhatIsMissing() async throws {
        let scene = try await Self.scene()
        let intact = try await scene.world.lfs.fsck(bytesPerSecond: nil, repair: false, by: .operator)
        #expect(intact.objects == 6)
        #expect(intact.findings.isEmpty)
        let shared = try scene.blob("shared")
        #expect(try await scene.world.objects.delete(shared.oid))
        let report = try await scene.world.lfs.fsck(bytesPerSecond: 1 << 20, repair: true, by: .operator)
        let finding = try #require(report.findings.first)
        #expect(finding.problem == .missing)
        #expect(Set(finding.repositories) == [scene.one, scene.two])
        #expect(try await scene.world.outcome(.download, shared.object, at: scene.two, by: scene.ada).code == 404)
        try await scene.world.upload(shared, to: scene.two, by: scene.ada)
        #expect(try await scene.world.download(shared.object, from: scene.two, by: scene.ada) == shared.bytes)
    }
}
