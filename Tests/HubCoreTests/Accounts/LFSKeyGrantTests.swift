import Access
import HubCore
import LFS
import Metadata
import Testing

/// Grants for keys that are nobody's.
@Suite struct LFSKeyGrantTests {
    private let big = RepositoryAddress(type: .model, namespace: "acme", name: "big")
    private let open = RepositoryAddress(type: .model, namespace: "ada", name: "open")
    private let lines = KeyFixture.all.map(\.line)

    private func world() async throws -> World {
        let world = try await World { $0.signingKey = [UInt8](repeating: 7, count: 32) }
        try await world.user("ada")
        try await world.organization("acme")
        try await world.repository("model/acme/big")
        try await world.repository("model/acme/other")
        try await world.repository("model/ada/open", .public)
        return world
    }

    @Test func narrowsAnOrganizationsKeyToTheRepository() async throws {
        let world = try await world()
        let key = try await world.organizationKey(lines[0], to: "acme", .write)
        let login = try await world.login(key)
        for (operation, role) in [(LFSOperation.download, Role.read), (.upload, .write)] {
            let grant = try await world.grant(login, "acme/big", operation)
            let actor = try await world.accounts.actor(ofLFSGrant: grant.token)
            guard case .key(let narrowed) = actor else { throw UnexpectedActor() }
            #expect(narrowed.id == key.id && narrowed.role == role)
            _ = try await world.repositories.resolve(big, action: operation.action, by: actor)
            await expectError(.notFound) {
                let other = RepositoryAddress(type: .model, namespace: "acme", name: "other")
                _ = try await world.repositories.resolve(other, action: .readRepository, by: actor)
            }
        }
    }

    @Test func linksMadeByAUsersKeyEndWithIt() async throws {
        let world = try await world()
        let key = try await world.accounts.addKey(
            userName: "ada",
            title: nil,
            openSSHText: lines[0],
            by: .operator
        )
        let blob = try Blob("held")
        let address = try RepositoryAddress(type: .model, parsing: "ada/open")
        try await world.upload(blob, to: address, by: world.login(key).actor)
        let grant = try await world.grant(world.login(key), "ada/open", .upload)
        let actor = try await world.accounts.actor(ofLFSGrant: grant.token)
        let new = try Blob("new").object
        guard case .upload(let put, _) = try await world.outcome(.upload, new, at: address, by: actor) else {
            throw UnexpectedActor()
        }
        let signed = try World.signed(put)
        _ = try await world.lfs.admit(signed)
        try await world.accounts.removeKey(key.fingerprint, by: .operator)
        await #expect { try await world.lfs.admit(signed) } throws: { ($0 as? LFSFailure)?.status == 403 }
    }

    @Test func givesAReadersKeyNoUpload() async throws {
        let world = try await world()
        let login = try await world.login(try await world.deployKey(lines[0], to: big, .read))
        await expectError(.forbidden) { _ = try await world.grant(login, "acme/big", .upload) }
        await expectError(.notFound) { _ = try await world.grant(login, "acme/other", .download) }
        _ = try await world.grant(login, "acme/big", .download)
    }

    @Test func endsWhenTheRepositoryLeavesTheOrganization() async throws {
        let world = try await world()
        let login = try await world.login(try await world.organizationKey(lines[0], to: "acme", .write))
        let grants = [
            try await world.grant(login, "acme/big", .upload), try await world.grant(login, "acme/big", .download),
        ]
        _ = try await world.repositories.move(
            big,
            to: RepositoryAddress(type: .model, namespace: "ada", name: "big"),
            by: .operator
        )
        for grant in grants { await world.expectBad(grant.token) }
    }

    /// What everybody may read gives no role: it ends when the repository is hidden.
    @Test func readsElsewhereWhatIsPublicAsLongAsItIs() async throws {
        let world = try await world()
        let login = try await world.login(try await world.deployKey(lines[0], to: big, .write))
        await expectError(.forbidden) { _ = try await world.grant(login, "ada/open", .upload) }
        let token = try await world.grant(login, "ada/open", .download).token
        _ = try await world.accounts.actor(ofLFSGrant: token)
        try await world.repositories.setVisibility(open, .private, by: .operator)
        await world.expectBad(token)
    }

    @Test func endsWithTheKey() async throws {
        let world = try await world()
        let key = try await world.deployKey(lines[0], to: big, .write)
        let token = try await world.grant(try await world.login(key), "acme/big", .upload).token
        _ = try await world.accounts.actor(ofLFSGrant: token)
        try await world.accounts.removeKey(key.id.text, by: .operator)
        await world.expectBad(token)
    }
}

extension World {
    /// Logs in with a key.
    func login(_ key: KeyRecord) async throws -> SSHLogin {
        try await accounts.login(keyFingerprint: key.fingerprint, userName: "git")
    }

    /// Asks for a grant for the model at `id`.
    func grant(
        _ login: SSHLogin,
        _ id: String,
        _ operation: LFSOperation,
        followsRename: Bool = false
    ) async throws -> LFSGrant {
        try await accounts.lfsGrant(
            for: login,
            address: try RepositoryAddress(type: .model, parsing: id),
            operation: operation,
            followsRename: followsRename
        )
    }

    /// Expects a token to be refused like any wrong credentials.
    func expectBad(_ token: String, sourceLocation: SourceLocation = #_sourceLocation) async {
        let error = await #expect(throws: HubError.self, sourceLocation: sourceLocation) {
            try await accounts.actor(ofLFSGrant: token)
        }
        #expect(error == HubError.badCredentials, sourceLocation: sourceLocation)
    }
}
