import GitCore
import GranaryTesting
import Testing

@Suite struct MaintenanceTests {
    private static let day: Int64 = 86_400 * 1_000_000_000
    private static let now: Int64 = 2_000_000_000_000_000_000

    private var options: MaintenanceOptions {
        var options = MaintenanceOptions()
        options.fewObjects = 10
        return options
    }

    private var fullOptions: MaintenanceOptions {
        var options = options
        options.isFull = true
        return options
    }

    @Test(arguments: [false, true])
    func joinsPacksThatStockGitReads(isFull: Bool) async throws {
        let workshop = try await MaintenanceWorkshop(seed: 201, pushes: 24)
        let before = try workshop.stored()
        let report = try await workshop.maintain(isFull ? fullOptions : options)
        #expect(report.packsBefore == 24)
        #expect(isFull ? report.packsAfter == 1 : report.packsAfter < 8)
        #expect(report.commitsWithBitmap > 0)
        #expect(report.commitsInGraph == workshop.commits.count)
        #expect(try workshop.stored() == before)
        _ = try await workshop.git(["fsck", "--full", "--strict"])
        _ = try await workshop.git(["commit-graph", "verify"])
        _ = try await workshop.git(["rev-list", "--test-bitmap", "main"])
        for pack in try workshop.repository.packs.current().packs {
            _ = try await workshop.git(["verify-pack", "objects/pack/\(pack.name).idx"])
            _ = try await workshop.git(["index-pack", "--verify", "objects/pack/\(pack.name).pack"])
        }
        #expect(try RepositoryCheck(workshop.repository, workshop.snapshot()).findings() == [])
        let again = try await workshop.maintain(isFull ? fullOptions : options)
        #expect(!again.hasChangedAnything)
    }

    /// Deltas are kept: what is joined is not much larger than what stock git made of it.
    @Test func keepsDeltas() async throws {
        let workshop = try await MaintenanceWorkshop(seed: 202, pushes: 1)
        let size = try workshop.repository.packs.current().packs.map(\.size).reduce(0, +)
        var builder = PackBuilder()
        let blob = try builder.add(.blob, Array("more".utf8))
        try workshop.publish(try builder.finish(), tips: [blob])
        _ = try await workshop.maintain(fullOptions)
        let joined = try workshop.repository.packs.current().packs
        #expect(joined.count == 1)
        #expect(joined[0].size < size + 100)
    }

    @Test func readersKeepWhatTheyRead() async throws {
        let workshop = try await MaintenanceWorkshop(seed: 203, pushes: 12)
        let old = try workshop.repository.packs.current()
        let all = try workshop.stored()
        _ = try await workshop.maintain(fullOptions)
        // Nobody holds the files open any more: they are found by their names again.
        let files = try workshop.repository.path
        try workshop.repository.packs.files.forget(below: files)
        let reader = try ObjectReader(old, cacheBytes: 0)
        for oid in all { #expect(try reader.object(oid) != nil) }
        let later = try await workshop.maintain(options, now: Self.now + Self.day)
        #expect(later.packsRemoved == 12)
        #expect(try Directories.names(in: workshop.repository.retiredPath).isEmpty)
        #expect(try Directories.names(in: workshop.repository.packs.path).filter { $0.hasSuffix(".pack") }.count == 1)
    }

    @Test func losesNothingWhenItIsStopped() async throws {
        let reference = try await MaintenanceWorkshop(seed: 204, pushes: 14)
        let all = try reference.stored()
        var wasStopped = true
        var limit = 0
        while wasStopped {
            let workshop = try await MaintenanceWorkshop(seed: 204, pushes: 14)
            do {
                _ = try await workshop.maintain(fullOptions, stoppingAfter: limit)
                wasStopped = false
            } catch is CancellationError {}
            #expect(try workshop.stored().isSuperset(of: all))
            #expect(try RepositoryCheck(workshop.repository, workshop.snapshot()).findings() == [])
            _ = try await workshop.git(["fsck", "--full"])
            #expect(try workshop.repository.sweep() == false)
            _ = try await workshop.maintain(fullOptions)
            #expect(try workshop.stored() == all)
            limit += limit < 6 ? 1 : 7
        }
    }

    @Test func putsAsideAndDropsWhatNothingLeadsTo() async throws {
        var workshop = try await MaintenanceWorkshop(seed: 205, pushes: 6)
        let before = try workshop.stored()
        // Only one branch is left.
        workshop.refs.removeAll { $0.name.string != "refs/heads/main" }
        let main = try #require(workshop.refs.first)
        let reachable = Set(try await workshop.history.oids(["rev-list", "--objects", main.oid.hex]))
        try #require(reachable.count < before.count)

        let first = try await workshop.maintain(fullOptions, isReachable: false)
        #expect(first.objectsPutAside == before.count - reachable.count)
        #expect(!first.isEverythingReachable)
        #expect(try workshop.stored() == before)

        let early = try await workshop.maintain(fullOptions, isReachable: false, now: Self.now + 10 * Self.day)
        #expect(early.objectsDropped == 0)
        #expect(try workshop.stored() == before)

        let late = try await workshop.maintain(fullOptions, isReachable: false, now: Self.now + 15 * Self.day)
        #expect(late.objectsDropped == before.count - reachable.count)
        #expect(late.isEverythingReachable)
        #expect(try workshop.stored() == reachable)
        try PackedRefsFile.write(try workshop.snapshot(), in: try workshop.repository.path)
        _ = try await workshop.git(["fsck", "--full", "--strict"])
    }

    /// What was put aside and is wanted again is not dropped.
    @Test func keepsWhatIsWantedAgain() async throws {
        var workshop = try await MaintenanceWorkshop(seed: 206, pushes: 6)
        let before = try workshop.stored()
        let refs = workshop.refs
        workshop.refs.removeAll { $0.name.string != "refs/heads/main" }
        _ = try await workshop.maintain(fullOptions, isReachable: false)
        workshop.refs = refs
        let late = try await workshop.maintain(fullOptions, isReachable: false, now: Self.now + 15 * Self.day)
        #expect(late.objectsDropped == 0)
        #expect(late.isEverythingReachable)
        #expect(try workshop.stored() == before)
    }

    @Test func doesNotPassDamageOn() async throws {
        let workshop = try await MaintenanceWorkshop(seed: 207, pushes: 10)
        let pack = try #require(try workshop.repository.packs.current().packs.first)
        let path = "\(try workshop.repository.packs.path)/\(pack.name).pack"
        var bytes = try #require(try Directories.readFile(path, limit: 1 << 26))
        bytes[bytes.count / 2] ^= 1
        try Directories.removeTree(path)
        try Directories.replaceFile(path, with: bytes, durable: false)
        try workshop.repository.packs.files.forget(below: try workshop.repository.path)
        await #expect(throws: (any Error).self) { try await workshop.maintain(fullOptions) }
        #expect(try workshop.repository.packs.current().packs.count == 10)
    }
}

@Suite struct GeometricPlanTests {
    @Test func leavesFewAndGeometricPacksAlone() {
        #expect(GeometricPlan.joined([1, 1, 1], fewPacks: 8) == [])
        #expect(GeometricPlan.joined([1, 2, 4, 8, 16], fewPacks: 2) == [])
        #expect(GeometricPlan.joined([16, 1, 8, 2, 4], fewPacks: 2) == [])
        #expect(GeometricPlan.joined([], fewPacks: 0) == [])
        #expect(GeometricPlan.joined([5], fewPacks: 0) == [])
    }

    @Test func leavesAProgression() {
        var random = SeededRandom(9)
        for _ in 0..<500 {
            let weights = (0..<random.below(30)).map { _ in Int64(random.below(1 << random.below(40))) }
            let joined = GeometricPlan.joined(weights, fewPacks: 3)
            #expect(joined == joined.sorted() && Set(joined).count == joined.count)
            guard !joined.isEmpty else { continue }
            #expect(joined.count > 1)
            var left = weights.indices.filter { !joined.contains($0) }.map { weights[$0] }
            left.append(joined.reduce(0) { $0 + weights[$1] })
            left.sort()
            for (small, large) in zip(left, left.dropFirst()) { #expect(large / 2 >= small) }
        }
    }

    @Test func survivesAbsurdWeights() {
        let joined = GeometricPlan.joined([.max, .max, .max, 1, 1, 1], fewPacks: 2)
        #expect(joined.count > 1)
    }
}
