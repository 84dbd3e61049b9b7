import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing

@Suite struct LFSAccessTests {
    private struct Scene {
        let world: World
        let address: RepositoryAddress
        let ada: Actor
        let reader: Actor
        let writer: Actor
        let eve: Actor
        let blob: Blob
    }

    private static func scene(_ visibility: Visibility = .private) async throws -> Scene {
        let world = try await World.withKey()
        let ada = try await world.user("ada")
        let scene = Scene(
            world: world,
            address: try await world.create("model/ada/tiny", visibility, by: ada).address,
            ada: ada,
            reader: try await world.user("reader"),
            writer: try await world.user("writer"),
            eve: try await world.user("eve"),
            blob: try Blob("some large file")
        )
        try await world.repositories.grant(scene.address, userName: "reader", role: .read, by: ada)
        try await world.repositories.grant(scene.address, userName: "writer", role: .write, by: ada)
        try await world.upload(scene.blob, to: scene.address, by: ada)
        return scene
    }

    @Test func givesEachActorItsRights() async throws {
        let scene = try await Self.scene()
        let new = try Blob("another").object
        for actor in [scene.ada, scene.reader, scene.writer] {
            _ = try await scene.world.batch(.download, [scene.blob.object], at: scene.address, by: actor)
        }
        for actor in [scene.ada, scene.writer] {
            _ = try await scene.world.batch(.upload, [new], at: scene.address, by: actor)
        }
        await expectError(.forbidden) {
            _ = try await scene.world.batch(.upload, [new], at: scene.address, by: scene.reader)
        }
        for operation in LFSOperation.allCases {
            await expectError(.notFound) {
                _ = try await scene.world.batch(operation, [new], at: scene.address, by: scene.eve)
            }
            await expectError(.unauthenticated) {
                _ = try await scene.world.batch(operation, [new], at: scene.address, by: .anonymous)
            }
        }
    }

    @Test func boundsThePartsOfOneAnswer() async throws {
        let scene = try await Self.scene()
        let objects = try (0..<60).map { LFSObject(oid: try Blob("large \($0)").object.oid, size: 50_000_000_000_000) }
        let huge = objects.compactMap { $0 }
        #expect(huge.count == 60)
        await #expect { try await ask(huge, scene) } throws: { ($0 as? LFSFailure)?.status == 413 }
        // Listed twice, begun once.
        let entries = try await ask([huge[0], huge[0]], scene).entries
        #expect(entries.count == 2 && entries[0].outcome == entries[1].outcome)
    }

    private func ask(_ objects: [LFSObject], _ scene: Scene) async throws -> BatchAnswer {
        let (world, ada) = (scene.world, scene.ada)
        return try await world.batch(.upload, objects, at: scene.address, by: ada, transfers: ["multipart", "basic"])
    }

    @Test func everybodyReadsAPublicRepository() async throws {
        let scene = try await Self.scene(.public)
        for actor in [scene.eve, .anonymous] {
            let bytes = try await scene.world.download(scene.blob.object, from: scene.address, by: actor)
            #expect(bytes == scene.blob.bytes)
        }
        await expectError(.unauthenticated) {
            _ = try await scene.world.batch(.upload, [scene.blob.object], at: scene.address, by: .anonymous)
        }
    }

    @Test func knowingAnIDGivesNothing() async throws {
        let scene = try await Self.scene()
        let own = try await scene.world.create("model/eve/probe", by: scene.eve).address
        let nobodys = try Blob("some other file")
        // Nobody has the one, ada has the other: eve cannot tell them apart.
        for object in [nobodys.object, scene.blob.object] {
            #expect(try await scene.world.outcome(.download, object, at: own, by: scene.eve).code == 404)
            guard
                case .upload(let put, let verify) = try await scene.world.outcome(
                    .upload,
                    object,
                    at: own,
                    by: scene.eve
                )
            else { throw LFSFailure(status: 500, "no action") }
            let question = try await scene.world.lfs.admit(try World.signed(try #require(verify)))
            await expectStatus(404) { try await scene.world.lfs.verify(question, object) }
            let action = try await scene.world.lfs.admit(try World.signed(put))
            let lie = [UInt8](repeating: 0, count: Int(object.size))
            await expectStatus(400) {
                _ = try await scene.world.lfs.upload(action, contentLength: object.size, bytes: Pieces(lie))
            }
            await expectStatus(404) {
                _ = try await scene.world.lfs.object(own, object.oid, by: scene.eve, followsRename: false)
            }
        }
        // What was stored before is as it was, and whoever has the bytes may have them here, too.
        #expect(
            try await scene.world.download(scene.blob.object, from: scene.address, by: scene.ada) == scene.blob.bytes
        )
        try await scene.world.upload(scene.blob, to: own, by: scene.eve)
        #expect(try await scene.world.download(scene.blob.object, from: own, by: scene.eve) == scene.blob.bytes)
    }

    @Test func aTicketIsForItsTimeOnly() async throws {
        let scene = try await Self.scene()
        guard
            case .download(let get) = try await scene.world.outcome(
                .download,
                scene.blob.object,
                at: scene.address,
                by: scene.reader
            )
        else { throw LFSFailure(status: 500, "no action") }
        #expect(get.expiresIn == 3_600)
        let signed = try World.signed(get)
        scene.world.clock.advance(seconds: 3_599)
        _ = try await scene.world.lfs.admit(signed)
        scene.world.clock.advance(seconds: 1)
        await expectStatus(403) { _ = try await scene.world.lfs.admit(signed) }
    }

    @Test func aTicketCannotBeAltered() async throws {
        let scene = try await Self.scene()
        guard
            case .download(let get) = try await scene.world.outcome(
                .download,
                scene.blob.object,
                at: scene.address,
                by: scene.reader
            )
        else { throw LFSFailure(status: 500, "no action") }
        let other = try Blob("another").oid.hex
        let alterations = [
            (scene.blob.oid.hex, other), ("verb=download", "verb=upload"), ("size=15", "size=16"),
            ("expires=17", "expires=18"), ("actor=user", "actor=anonymous"),
        ]
        for (old, new) in alterations {
            let href = get.href.replacing(old, with: new)
            #expect(href != get.href, "\(old)")
            await expectStatus(403) { _ = try await scene.world.lfs.admit(try World.signed(href)) }
        }
    }

    @Test func aTicketEndsWithTheRight() async throws {
        let scene = try await Self.scene()
        guard
            case .download(let get) = try await scene.world.outcome(
                .download,
                scene.blob.object,
                at: scene.address,
                by: scene.reader
            )
        else { throw LFSFailure(status: 500, "no action") }
        let signed = try World.signed(get)
        _ = try await scene.world.lfs.admit(signed)
        try await scene.world.repositories.grant(scene.address, userName: "reader", role: nil, by: scene.ada)
        await expectStatus(403) { _ = try await scene.world.lfs.admit(signed) }
    }

    @Test func aTicketEndsWithItsToken() async throws {
        let scene = try await Self.scene()
        let new = NewToken(userName: "ada", name: "laptop", role: .write)
        let token = try await scene.world.accounts.createToken(new, by: .operator)
        let actor = try await scene.world.accounts.authenticate(.bearer(token), from: "192.0.2.1")
        guard
            case .upload(let put, _) = try await scene.world.outcome(
                .upload,
                try Blob("another").object,
                at: scene.address,
                by: actor
            )
        else { throw LFSFailure(status: 500, "no action") }
        let signed = try World.signed(put)
        let action = try await scene.world.lfs.admit(signed)
        await expectStatus(403) { _ = try await scene.world.lfs.download(action) }
        try await scene.world.accounts.revokeToken(userName: "ada", name: "laptop", by: .operator)
        await expectStatus(403) { _ = try await scene.world.lfs.admit(signed) }
    }
}
