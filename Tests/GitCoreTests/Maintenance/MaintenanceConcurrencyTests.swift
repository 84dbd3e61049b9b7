import GitCore
import GranaryTesting
import NIOCore
import Synchronization
import Testing

/// Clones and pushes while packs are joined and joining is broken off at random: nothing is lost, nothing unreadable.
@Suite struct MaintenanceConcurrencyTests {
    /// What all that goes on at once shares.
    private final class Scene: Sendable {
        let workshop: MaintenanceWorkshop
        let refs: Mutex<[Ref]>
        let isOver = Mutex(false)
        /// Held while packs are published or retired, as the repository's lock is.
        let lock = Mutex(())

        init(_ workshop: MaintenanceWorkshop) {
            self.workshop = workshop
            refs = Mutex(workshop.refs)
        }

        var snapshot: RefSnapshot {
            get throws {
                RefSnapshot(
                    refs: refs.withLock { $0 },
                    headTarget: try RefName(validating: "refs/heads/main".utf8),
                    generation: 1,
                    everyObjectReachable: true
                )
            }
        }
    }

    @Test func nothingIsLost() async throws {
        let scene = Scene(try await MaintenanceWorkshop(seed: 208, pushes: 12))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { scene.isOver.withLock { $0 = true } }
                try await push(scene, count: 12)
            }
            group.addTask { try await maintain(scene) }
            for _ in 0..<2 { group.addTask { try await clone(scene) } }
            try await group.waitForAll()
        }
        let all = try await scene.workshop.history.oids(["rev-list", "--objects", "--all"])
        #expect(try scene.workshop.stored().isSuperset(of: all))
        try PackedRefsFile.write(try scene.snapshot, in: try scene.workshop.repository.path)
        #expect(try RepositoryCheck(scene.workshop.repository, scene.snapshot).findings() == [])
        _ = try await scene.workshop.git(["fsck", "--full", "--strict"])
    }

    /// Commits on top of the main branch, one after the other.
    private func push(_ scene: Scene, count: Int) async throws {
        let history = scene.workshop.history
        for number in 0..<count {
            let name = try RefName(validating: "refs/heads/main".utf8)
            let old = try #require(scene.refs.withLock { refs in refs.first { $0.name == name } }).oid
            let tree = text(try await history.git(["rev-parse", "main^{tree}"]))
            let identity = "a <a@b> \(1_700_000_000 + number) +0000"
            let commit = "tree \(tree)\nparent \(old)\nauthor \(identity)\ncommitter \(identity)\n\n\(number)\n"
            let stored = try await history.git(
                ["hash-object", "-t", "commit", "-w", "--stdin"],
                input: Array(commit.utf8)
            )
            let new = try #require(ObjectID(hex: text(stored)))
            try await history.git(["update-ref", "refs/heads/main", new.hex])
            let pack = try await history.git(
                ["pack-objects", "--revs", "--stdout", "--thin", "-q"],
                input: Array("\(new)\n^\(old)\n".utf8)
            )
            let repository = try scene.workshop.repository
            let quarantine = try Quarantine(
                parent: repository.quarantinePath,
                name: "push\(number)",
                packs: repository.packs,
                visible: nil,
                limits: .standard
            )
            try pack.withUnsafeBytes { try quarantine.receive($0) }
            try quarantine.finishReceiving()
            while try quarantine.resolveSome(10) {}
            try quarantine.verify([new])
            try scene.lock.withLock { _ in try quarantine.publish() }
            scene.refs.withLock { refs in
                refs = refs.map { $0.name == name ? Ref(name: name, oid: new) : $0 }
            }
            quarantine.settle()
        }
    }

    private func maintain(_ scene: Scene) async throws {
        var random = SeededRandom(208)
        var number = 0
        while !scene.isOver.withLock({ $0 }) {
            number += 1
            var options = MaintenanceOptions()
            options.isFull = random.below(2) == 0
            options.fewPacks = 1
            options.fewObjects = 10
            let limit = random.below(2) == 0 ? random.below(40) : .max
            let pauses = Mutex(0)
            let maintenance = Maintenance(
                try scene.workshop.repository,
                try scene.snapshot,
                options: options,
                name: "run\(number)",
                now: 2_000_000_000_000_000_000,
                pause: {
                    await Task.yield()
                    let count = pauses.withLock { pauses in
                        pauses += 1
                        return pauses
                    }
                    if count > limit { throw CancellationError() }
                },
                exclusively: { step in try scene.lock.withLock { _ in try step() } }
            )
            do { _ = try await maintenance.run() } catch is CancellationError {}
        }
    }

    private func clone(_ scene: Scene) async throws {
        while !scene.isOver.withLock({ $0 }) {
            let repository = try scene.workshop.repository
            let settled = try repository.settledPacks()
            let snapshot = try scene.snapshot
            var request = ByteBuffer()
            request.writePktLine("command=fetch")
            request.writeDelimPkt()
            let tips = Set(snapshot.refs.map(\.oid))
            for oid in tips { request.writePktLine("want \(oid)") }
            for line in ["ofs-delta", "done"] { request.writePktLine(line) }
            request.writeFlushPkt()
            let duplex = Duplex()
            duplex.send(Array(request.readableBytesView))
            duplex.hangUp()
            let server = UploadPack(
                repository: repository,
                snapshot: snapshot,
                context: testContext,
                isStateless: true,
                settled: settled
            )
            _ = try await server.serve(.v2, input: duplex.input, to: duplex)
            var client = try await FetchClient()
            _ = try await client.take(try FetchAnswer(duplex.answered).pack)
            // Walks everything, and fails when something is missing.
            try await client.git(["rev-list", "--objects", "--quiet"] + tips.map(\.hex))
        }
    }
}
