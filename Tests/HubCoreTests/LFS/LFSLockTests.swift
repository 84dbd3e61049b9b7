import Access
import HubCore
import LFS
import Metadata
import NIOCore
import Testing

@Suite struct LFSLockTests {
    private struct Scene {
        let world: World
        let address: RepositoryAddress
        let ada: Actor
        let bob: Actor
        let reader: Actor

        func lock(_ path: String, by actor: Actor) async throws -> LockCreation {
            let request = try LockRequest(body: ByteBuffer(string: "{\"path\":\"\(path)\"}"))
            return try await world.lfs.createLock(address, request, by: actor, followsRename: false)
        }

        func made(_ path: String, by actor: Actor) async throws -> LFSLock {
            guard case .created(let lock) = try await lock(path, by: actor) else {
                throw LFSFailure(status: 409, "\(path) is locked")
            }
            return lock
        }

        func unlock(_ lock: LFSLock, force: Bool = false, by actor: Actor) async throws -> LFSLock {
            try await world.lfs.unlock(address, id: lock.id, force: force, by: actor, followsRename: false)
        }
    }

    private static func scene() async throws -> Scene {
        let world = try await World.withKey()
        let ada = try await world.user("ada")
        let (bob, reader) = (try await world.user("bob"), try await world.user("reader"))
        let address = try await world.create("model/ada/tiny", by: ada).address
        try await world.repositories.grant(address, userName: "bob", role: .write, by: ada)
        try await world.repositories.grant(address, userName: "reader", role: .read, by: ada)
        return Scene(world: world, address: address, ada: ada, bob: bob, reader: reader)
    }

    @Test func aTakenPathIsSaidToBeTaken() async throws {
        let scene = try await Self.scene()
        let lock = try await scene.made("a/b.bin", by: scene.bob)
        #expect(lock.ownerName == "bob")
        for actor in [scene.ada, scene.bob] {
            #expect(try await scene.lock("a/b.bin", by: actor) == .conflict(lock))
        }
        await expectError(.forbidden) { _ = try await scene.lock("c", by: scene.reader) }
    }

    @Test func ofEightWhoAskAtOnceOneGetsTheLock() async throws {
        let scene = try await Self.scene()
        let made = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    if case .created = try await scene.lock("a", by: scene.bob) { true } else { false }
                }
            }
            return try await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(made == 1)
    }

    @Test func othersNeedForceAndTheRightToIt() async throws {
        let scene = try await Self.scene()
        let lock = try await scene.made("a", by: scene.ada)
        await expectStatus(403) { _ = try await scene.unlock(lock, by: scene.bob) }
        await expectError(.forbidden) { _ = try await scene.unlock(lock, force: true, by: scene.bob) }
        await expectError(.forbidden) { _ = try await scene.unlock(lock, by: scene.reader) }
        #expect(try await scene.unlock(lock, by: scene.ada) == lock)
        await expectStatus(404) { _ = try await scene.unlock(lock, by: scene.ada) }
        let other = try await scene.made("a", by: scene.bob)
        #expect(try await scene.unlock(other, force: true, by: scene.ada) == other)
        let audit = try await scene.world.lastAudit()
        #expect(audit.action == "repository.lock.broken")
        #expect(audit.details.contains("bob"))
    }

    /// A push looks only at what is younger than what it has seen.
    @Test func aLaterLockHasALargerIDWhateverTheClockSays() async throws {
        let scene = try await Self.scene()
        var ids: [String] = []
        for number in 0..<4 {
            ids.append(try await scene.made("file-\(number)", by: number == 1 ? scene.ada : scene.bob).id)
            scene.world.clock.advance(seconds: -100)
        }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 4)
    }

    @Test func pagesGoOnAfterALockWasReleased() async throws {
        let scene = try await Self.scene()
        var locks: [LFSLock] = []
        for number in 0..<5 {
            locks.append(try await scene.made("file-\(number)", by: number == 3 ? scene.ada : scene.bob))
        }
        var query = LockQuery()
        query.limit = 2
        let first = try await scene.world.lfs.locks(scene.address, query, by: scene.reader, followsRename: false)
        #expect(first.locks.map(\.lock) == Array(locks[..<2]))
        #expect(first.nextCursor != nil)
        query.cursor = first.nextCursor
        _ = try await scene.unlock(locks[1], by: scene.bob)
        let second = try await scene.world.lfs.verifyLocks(scene.address, query, by: scene.bob, followsRename: false)
        #expect(second.locks.map(\.lock) == Array(locks[2..<4]))
        #expect(second.locks.map(\.isOurs) == [true, false])
        query.cursor = second.nextCursor
        let last = try await scene.world.lfs.locks(scene.address, query, by: scene.bob, followsRename: false)
        #expect(last.locks.map(\.lock) == [locks[4]])
        #expect(last.nextCursor == nil)
        query.cursor = "nonsense"
        await expectStatus(400) { [query] in
            _ = try await scene.world.lfs.locks(scene.address, query, by: scene.bob, followsRename: false)
        }
    }

    @Test func verifyingTakesTheRightToPush() async throws {
        let scene = try await Self.scene()
        await expectError(.forbidden) {
            _ = try await scene.world.lfs.verifyLocks(
                scene.address,
                LockQuery(),
                by: scene.reader,
                followsRename: false
            )
        }
        let page = try await scene.world.lfs.verifyLocks(
            scene.address,
            LockQuery(),
            by: scene.bob,
            followsRename: false
        )
        #expect(page.locks.isEmpty)
    }
}
