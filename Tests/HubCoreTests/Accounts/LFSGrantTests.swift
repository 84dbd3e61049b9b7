import Access
import HubCore
import LFS
import Metadata
import OpenSSLKit
import Testing

/// The tokens of `git-lfs-authenticate`.
@Suite struct LFSGrantTests {
    private static let address = "192.0.2.7"
    private let tiny = RepositoryAddress(type: .model, namespace: "ada", name: "tiny")
    private let lines = KeyFixture.all.map(\.line)

    /// A hub that can sign, with `ada`, her private repository and her key.
    private func world(isAdmin: Bool = false) async throws -> (World, SSHLogin, RepositoryRecord) {
        let world = try await World { $0.signingKey = [UInt8](repeating: 7, count: 32) }
        try await world.user("ada", isAdmin: isAdmin)
        let repository = try await world.repository("model/ada/tiny")
        let key = try await world.userKey(lines[0], of: "ada")
        return (world, try await world.login(key), repository)
    }

    @Test(arguments: [(LFSOperation.upload, Role.write), (.download, .read)])
    func actsForTheUserInOneRepositoryAndOperation(operation: LFSOperation, role: Role) async throws {
        let (world, login, repository) = try await world()
        let grant = try await world.grant(login, "ada/TINY", operation)
        #expect(grant.repository == tiny)
        #expect(grant.expiresIn == 900)
        #expect(grant.expiresAt.seconds == world.clock.now.seconds + 900)
        let actor = try await world.accounts.actor(ofLFSGrant: grant.token)
        guard case .user(let user) = actor else { throw UnexpectedActor() }
        #expect(user.name == "ada")
        #expect(user.scope == TokenScope(role: role, restriction: .repository(repository.id), isGrant: true))
        _ = try await world.repositories.resolve(tiny, action: .readRepository, by: actor)
        if operation == .download {
            await expectError(.forbidden) {
                _ = try await world.repositories.resolve(tiny, action: .writeRepository, by: actor)
            }
        }
        for action in [Action.deleteRepository, .moveRepository, .administerRepository] {
            await expectError(.forbidden) { _ = try await world.repositories.resolve(tiny, action: action, by: actor) }
        }
    }

    @Test func isOfNoUseInAnotherRepository() async throws {
        let (world, login, _) = try await world()
        try await world.repository("model/ada/other")
        let actor = try await world.accounts.actor(ofLFSGrant: try await world.grant(login, "ada/tiny", .upload).token)
        await expectError(.notFound) {
            let other = RepositoryAddress(type: .model, namespace: "ada", name: "other")
            _ = try await world.repositories.resolve(other, action: .readRepository, by: actor)
        }
    }

    /// An administrator clones every repository, so large files of every repository come along.
    @Test func readsWhatAnAdministratorReads() async throws {
        let (world, _, _) = try await world()
        try await world.user("root", isAdmin: true)
        let login = try await world.login(try await world.userKey(lines[1], of: "root"))
        let actor = try await world.accounts.actor(
            ofLFSGrant: try await world.grant(login, "ada/tiny", .download).token
        )
        _ = try await world.repositories.resolve(tiny, action: .readRepository, by: actor)
        await expectError(.forbidden) {
            _ = try await world.repositories.resolve(tiny, action: .writeRepository, by: actor)
        }
        await expectError(.forbidden) { _ = try await world.accounts.users(by: actor) }
    }

    @Test func isRefusedWhenAnyByteIsAltered() async throws {
        let (world, login, _) = try await world()
        let token = try await world.grant(login, "ada/tiny", .download).token
        let bytes = try #require(Base64.decode(token, .urlSafe))
        #expect(bytes.count == 74)
        for position in bytes.indices {
            for bit in [UInt8(1), 0x80] {
                var altered = bytes
                altered[position] ^= bit
                await world.expectBad(Base64.encode(altered, .urlSafe))
            }
        }
        for other in [
            "", "x", token + "A", String(token.dropLast()), token + "=", String(repeating: "A", count: 100_000),
        ] {
            await world.expectBad(other)
        }
        for count in [0, 41, 42, 73] { await world.expectBad(Base64.encode(Array(bytes.prefix(count)), .urlSafe)) }
        _ = try await world.accounts.actor(ofLFSGrant: token)
    }

    @Test func isOfNoUseInAnotherInstallation() async throws {
        let (world, login, _) = try await world()
        let token = try await world.grant(login, "ada/tiny", .download).token
        let other = try await World { $0.signingKey = [UInt8](repeating: 8, count: 32) }
        await other.expectBad(token)
    }

    @Test func endsAfterFifteenMinutes() async throws {
        let (world, login, _) = try await world()
        let token = try await world.grant(login, "ada/tiny", .download).token
        world.clock.advance(seconds: 899)
        _ = try await world.accounts.actor(ofLFSGrant: token)
        world.clock.advance(seconds: 1)
        await world.expectBad(token)
    }

    @Test func endsWithItsKeyItsOwnerAndItsRepository() async throws {
        let (world, login, _) = try await world()
        let token = try await world.grant(login, "ada/tiny", .download).token
        try await world.accounts.setDisabled(name: "ada", true, by: .operator)
        await world.expectBad(token)
        await expectError(.unauthenticated) { _ = try await world.grant(login, "ada/tiny", .download) }
        try await world.accounts.setDisabled(name: "ada", false, by: .operator)
        _ = try await world.accounts.actor(ofLFSGrant: token)
        try await world.accounts.removeKey(login.fingerprint, by: .operator)
        await world.expectBad(token)
        await expectError(.unauthenticated) { _ = try await world.grant(login, "ada/tiny", .download) }
        let again = try await world.login(try await world.userKey(lines[0], of: "ada"))
        let second = try await world.grant(again, "ada/tiny", .download).token
        try await world.repositories.delete(tiny, by: .operator)
        await world.expectBad(second)
    }

    @Test func followsRights() async throws {
        let (world, _, _) = try await world()
        try await world.user("bob")
        let login = try await world.login(try await world.userKey(lines[1], of: "bob"))
        await expectError(.notFound) { _ = try await world.grant(login, "ada/tiny", .download) }
        await expectError(.notFound) { _ = try await world.grant(login, "ada/none", .download) }
        try await world.repositories.grant(tiny, userName: "bob", role: .read, by: .operator)
        await expectError(.forbidden) { _ = try await world.grant(login, "ada/tiny", .upload) }
        let token = try await world.grant(login, "ada/tiny", .download).token
        try await world.repositories.grant(tiny, userName: "bob", role: nil, by: .operator)
        let actor = try await world.accounts.actor(ofLFSGrant: token)
        await expectError(.notFound) {
            _ = try await world.repositories.resolve(tiny, action: .readRepository, by: actor)
        }
    }

    @Test func followsRenamesWhenAsked() async throws {
        let (world, login, _) = try await world()
        let small = RepositoryAddress(type: .model, namespace: "ada", name: "small")
        let before = try await world.grant(login, "ada/tiny", .upload).token
        _ = try await world.repositories.move(tiny, to: small, by: .operator)
        await expectError(.moved(to: small)) { _ = try await world.grant(login, "ada/tiny", .upload) }
        let grant = try await world.grant(login, "ada/tiny", .upload, followsRename: true)
        #expect(grant.repository == small)
        for token in [before, grant.token] {
            let actor = try await world.accounts.actor(ofLFSGrant: token)
            _ = try await world.repositories.resolve(small, action: .writeRepository, by: actor)
        }
    }

    @Test func isAskedForByItsSchemeAndOnlyWhereAllowed() async throws {
        let (world, login, _) = try await world()
        let token = try await world.grant(login, "ada/tiny", .upload).token
        let shown = Credentials.remoteAuth(token)
        let actor = try await world.accounts.authenticate(shown, from: Self.address, allowingLFSGrants: true)
        #expect(actor.auditName == "ada")
        await expectError(.unauthenticated) { _ = try await world.accounts.authenticate(shown, from: Self.address) }
        for other in [
            Credentials.bearer(token), .basic(user: "ada", secret: token), .basic(user: "git", secret: token),
        ] {
            await expectError(.unauthenticated) {
                _ = try await world.accounts.authenticate(other, from: Self.address, allowingLFSGrants: true)
            }
        }
        #expect("\(shown)" == "remoteAuth")
    }

    @Test func countsWrongOnesLikeWrongTokens() async throws {
        let (world, _, _) = try await world()
        for _ in 0..<60 {
            await expectError(.unauthenticated) {
                let wrong = Credentials.remoteAuth("AAAA")
                _ = try await world.accounts.authenticate(wrong, from: Self.address, allowingLFSGrants: true)
            }
        }
        let error = await #expect(throws: HubError.self) {
            let wrong = Credentials.remoteAuth("AAAA")
            _ = try await world.accounts.authenticate(wrong, from: Self.address, allowingLFSGrants: true)
        }
        guard case .limited = error?.kind else { throw UnexpectedActor() }
    }

    @Test func isNeverMadeWithoutASigningKey() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.repository("model/ada/tiny")
        let login = try await world.login(try await world.userKey(lines[0], of: "ada"))
        await expectError(.internalFailure) { _ = try await world.grant(login, "ada/tiny", .download) }
        await expectError(.internalFailure) { _ = try await world.accounts.actor(ofLFSGrant: "AAAA") }
    }
}
