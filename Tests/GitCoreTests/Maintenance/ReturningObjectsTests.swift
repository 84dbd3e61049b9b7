import GitCore
import GranaryTesting
import Testing

/// What was put aside and is pushed again is not taken away from those who pushed it.
@Suite struct ReturningObjectsTests {
    private static let day: Int64 = 86_400 * 1_000_000_000
    private static let now: Int64 = 2_000_000_000_000_000_000

    private var options: MaintenanceOptions {
        var options = MaintenanceOptions()
        options.isFull = true
        return options
    }

    /// A repository in which one blob was put aside, and the pack that holds it.
    private func putAside(seed: UInt64) async throws -> (workshop: MaintenanceWorkshop, blob: ObjectID, pack: Pack) {
        let workshop = try await MaintenanceWorkshop(seed: seed, pushes: 3)
        var builder = PackBuilder()
        let blob = try builder.add(.blob, Array("lost".utf8))
        try workshop.publish(try builder.finish(), tips: [blob])
        let report = try await workshop.maintain(options, isReachable: false)
        try #require(report.objectsPutAside == 1)
        let packs = try workshop.repository.packs.current().packs
        let pack = try #require(packs.first { $0.index.position(of: blob) != nil })
        try #require(try isMarked(pack, workshop))
        return (workshop, blob, pack)
    }

    private func marker(_ pack: Pack, _ workshop: MaintenanceWorkshop) throws -> String {
        "\(try workshop.repository.packs.path)/\(pack.name).unreachable"
    }

    private func isMarked(_ pack: Pack, _ workshop: MaintenanceWorkshop) throws -> Bool {
        Directories.modificationTime(try marker(pack, workshop)) != nil
    }

    private func bytes(of pack: Pack, _ workshop: MaintenanceWorkshop) throws -> [UInt8] {
        let path = "\(try workshop.repository.packs.path)/\(pack.name).pack"
        return try #require(try Directories.readFile(path, limit: 1 << 20))
    }

    /// A push is between its pack and its refs, so that no ref leads to what it has brought.
    @Test func inAnotherPackTheyWaitOnceMore() async throws {
        let (workshop, blob, _) = try await putAside(seed: 209)
        var builder = PackBuilder()
        _ = try builder.add(.blob, Array("lost".utf8))
        let other = try builder.add(.blob, Array("new".utf8))
        try workshop.publish(try builder.finish(), tips: [blob, other])
        let late = try await workshop.maintain(options, isReachable: false, now: Self.now + 15 * Self.day)
        #expect(late.objectsDropped == 0)
        #expect(late.objectsPutAside == 2)
        #expect(try workshop.stored().isSuperset(of: [blob, other]))
        let last = try await workshop.maintain(options, isReachable: false, now: Self.now + 30 * Self.day)
        #expect(last.objectsDropped == 2)
        #expect(try workshop.stored().isDisjoint(with: [blob, other]))
    }

    @Test func inTheSamePackTheyWaitOnceMore() async throws {
        let (workshop, blob, pack) = try await putAside(seed: 210)
        try workshop.publish(try bytes(of: pack, workshop), tips: [blob])
        #expect(try !isMarked(pack, workshop))
        let late = try await workshop.maintain(options, isReachable: false, now: Self.now + 15 * Self.day)
        #expect(late.objectsDropped == 0)
        #expect(late.objectsPutAside == 1)
        #expect(try workshop.stored().contains(blob))
    }

    /// The very pack comes again after its objects were found to be lost, and before it is taken away.
    @Test func comingAtTheLastMomentTheyStay() async throws {
        let (workshop, blob, pack) = try await putAside(seed: 211)
        let bytes = try bytes(of: pack, workshop)
        var builder = PackBuilder()
        let other = try builder.add(.blob, Array("other".utf8))
        try workshop.publish(try builder.finish(), tips: [other])
        let late = try await workshop.maintain(
            options,
            isReachable: false,
            now: Self.now + 15 * Self.day,
            beforeReplacing: { try workshop.publish(bytes, tips: [blob]) }
        )
        #expect(late.objectsPutAside == 1)
        #expect(try workshop.stored().isSuperset(of: [blob, other]))
        _ = try await workshop.git(["fsck", "--full", "--strict"])
    }
}
