import Access
import GranaryTesting
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing

/// Garbage collection compared with a model of what was pushed, which knows nothing of git.
@Suite struct LFSCollectionModelTests {
    /// What was pushed to one repository: for each branch its commits, each with the objects that its files are.
    private struct Model {
        var branches: [String: [(commit: String, blobs: Set<String>)]] = [:]
        var uploaded: Set<String> = []

        var live: Set<String> {
            branches.values.reduce(into: []) { live, chain in chain.forEach { live.formUnion($0.blobs) } }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func removesExactlyTheUnreferenced(seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let world = try await World.withKey(hasGit: true)
        let ada = try await world.user("ada")
        let blobs = try (0..<20).map { try Blob("content \(seed)-\($0)") }
        let byOID = Dictionary(blobs.map { ($0.oid.hex, $0) }) { first, _ in first }
        let addresses = [
            try await world.create("model/ada/one", by: ada).address,
            try await world.create("space/ada/two", by: ada).address,
        ]
        var models = [Model(), Model()]
        for step in 0..<30 {
            let index = Int.random(in: 0..<2, using: &random)
            let (address, branch) = (addresses[index], "refs/heads/b\(Int.random(in: 0..<3, using: &random))")
            let chain = models[index].branches[branch] ?? []
            if let tip = chain.last, Int.random(in: 0..<4, using: &random) == 0 {
                try await world.deleteRef(branch, at: tip.commit, of: address, by: ada)
                models[index].branches[branch] = nil
                continue
            }
            let chosen = Array(blobs.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)))
            for blob in chosen { try await world.upload(blob, to: address, by: ada) }
            let pushed = Set(chosen.dropLast().map(\.oid.hex))
            var files = ["step": "\(step)"]
            for blob in chosen.dropLast() { files["d\(step % 3)/f\(files.count)"] = blob.pointer }
            let tree = try PushedTree(files, parent: chain.last?.commit)
            let old = chain.last?.commit ?? World.zero
            let report = try await world.push(tree, to: branch, from: old, of: address, by: ada)
            #expect(report.contains("ok \(branch)"), "\(report)")
            models[index].uploaded.formUnion(chosen.map(\.oid.hex))
            models[index].branches[branch] = chain + [(tree.commit, pushed)]
        }
        world.clock.advance(seconds: 20 * 365 * 86_400)
        var plan = LFSCollectionPlan()
        plan.quarantineSeconds = 100 * 365 * 86_400
        let report = try await world.lfs.collect(plan, by: .operator)
        let garbage = models.map { $0.uploaded.subtracting($0.live).count }.reduce(0, +)
        #expect(report.rows.objects == Int64(garbage))
        for (model, address) in zip(models, addresses) {
            for oid in model.uploaded {
                let blob = try #require(byOID[oid])
                let isThere = try await world.outcome(.upload, blob.object, at: address, by: ada) == .present
                #expect(isThere == model.live.contains(oid))
            }
        }
        let live = models.reduce(into: Set<String>()) { $0.formUnion($1.live) }
        for blob in blobs {
            #expect((try await world.objects.size(of: blob.oid) != nil) == live.contains(blob.oid.hex))
        }
        #expect(try await world.lfs.undoCollection(by: .operator).objects == Int64(garbage))
        for (model, address) in zip(models, addresses) {
            for oid in model.uploaded {
                let blob = try #require(byOID[oid])
                #expect(try await world.download(blob.object, from: address, by: ada) == blob.bytes)
            }
        }
    }
}
