import Access
import HubCore
import LFS
import Metadata
import Testing

/// Large files with fine-grained tokens: links are no way around what the token may do.
@Suite struct LFSFineGrainedTests {
    private static func actor(_ world: World, _ place: String, _ verbs: [TokenVerb]) async throws -> Actor {
        let list = TokenPermissionList(entries: [.init(place: try TokenPlace(parsing: place), verbs: verbs)])
        let new = NewToken(userName: "ada", name: "fine", permissions: list)
        let text = try await world.accounts.createToken(new, by: .operator)
        return try await world.accounts.authenticate(.bearer(text), from: "192.0.2.1")
    }

    @Test func goUpAndDownWhereTheTokenSaysAlone() async throws {
        let world = try await World.withKey()
        let ada = try await world.user("ada")
        let own = try await world.create("model/ada/own", by: ada).address
        let other = try await world.create("model/ada/other", by: ada).address
        let blob = try Blob("a large file")
        let actor = try await Self.actor(world, "ada/own", [.write])
        try await world.upload(blob, to: own, by: actor)
        #expect(try await world.download(blob.object, from: own, by: actor) == blob.bytes)
        for operation in LFSOperation.allCases {
            await expectError(.notFound) {
                _ = try await world.batch(operation, [blob.object], at: other, by: actor)
            }
        }
    }

    @Test(arguments: ["revoked", "moved", "disabled"])
    func aLinkEndsWithTheToken(how: String) async throws {
        let world = try await World.withKey()
        try await world.user("ada")
        try await world.organization("acme", ["ada": .admin])
        let address = try await world.repository("model/ada/own").address
        let blob = try Blob("a large file")
        let actor = try await Self.actor(world, "ada", [.write])
        let outcome = try await world.outcome(.upload, blob.object, at: address, by: actor)
        guard case .upload(let put, _) = outcome else {
            Issue.record("no upload")
            return
        }
        switch how {
        case "revoked": try await world.accounts.revokeToken(userName: "ada", name: "fine", by: .operator)
        case "disabled": try await world.accounts.setDisabled(name: "ada", true, by: .operator)
        default:
            let target = RepositoryAddress(type: .model, namespace: "acme", name: "own")
            _ = try await world.repositories.move(address, to: target, by: .operator)
        }
        do {
            _ = try await world.lfs.upload(
                try await world.lfs.admit(try World.signed(put)),
                contentLength: blob.object.size,
                bytes: Pieces(blob.bytes)
            )
            Issue.record("the upload went through")
        } catch let failure as LFSFailure {
            #expect([403, 404].contains(failure.status), "\(failure)")
        } catch let error as HubError {
            #expect([.forbidden, .notFound, .unauthenticated].contains(error.kind), "\(error)")
        }
    }

    @Test func readingTokensSendNothing() async throws {
        let world = try await World.withKey()
        try await world.user("ada")
        let address = try await world.repository("model/ada/own").address
        let blob = try Blob("a large file")
        let reader = try await Self.actor(world, "ada/own", [.read, .discussions])
        await expectError(.forbidden) { _ = try await world.batch(.upload, [blob.object], at: address, by: reader) }
    }
}
