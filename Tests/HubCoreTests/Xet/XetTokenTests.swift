import Access
import HubCore
import Metadata
import Testing
import Xet

/// Tokens: signed, for one repository, one verb and one holder, for as long as the holder has the right.
@Suite struct XetTokenTests {
    @Test func whatIsNoTokenOpensNothing() async throws {
        let scene = try await XetScene()
        let good = try await scene.world.xet.passForWriting(scene.address, by: scene.ada).token
        let (head, code) = try #require(Self.halves(good))
        var wrong: [String?] = [
            nil, "", "xet_", "xet_.", "xet_AAAA.AAAA", "hf_\(good)", String(good.dropFirst(4)), String(good.dropLast()),
            "\(good).", "\(good)A", "\(head).", "\(head).\(code).\(code)", ".\(code)", "\(head)A.\(code)",
            String(repeating: "x", count: 1 << 20), good.uppercased(), " \(good)",
        ]
        for index in stride(from: 4, to: good.count - 1, by: 7) {
            var characters = Array(good)
            characters[index] = characters[index] == "A" ? "B" : "A"
            wrong.append(String(characters))
        }
        for text in wrong where text != good {
            await expectRefusal(401) { _ = try await scene.world.xet.admit(text) }
        }
    }

    private static func halves(_ token: String) -> (String, String)? {
        let parts = token.split(separator: ".").map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    @Test func anotherHubsTokenIsForeign() async throws {
        let scene = try await XetScene()
        let foreign = try await XetScene { $0.signingKey = [UInt8](repeating: 8, count: 32) }
        let token = try await foreign.world.xet.passForWriting(foreign.address, by: foreign.ada).token
        await expectRefusal(401) { _ = try await scene.world.xet.admit(token) }
    }

    @Test func tokensEnd() async throws {
        let scene = try await XetScene()
        let pass = try await scene.world.xet.passForReading(scene.address, by: scene.ada)
        #expect(pass.expiresAt - scene.world.clock.now.seconds == 3_600)
        scene.world.clock.advance(seconds: 3_600 + 29)
        _ = try await scene.world.xet.admit(pass.token)
        scene.world.clock.advance(seconds: 2)
        await expectRefusal(401) { _ = try await scene.world.xet.admit(pass.token) }
    }

    @Test func onlyWhoMayGetsOne() async throws {
        let scene = try await XetScene()
        let bob = try await scene.world.user("bob")
        await expectError(.notFound) { _ = try await scene.world.xet.passForReading(scene.address, by: bob) }
        await expectError(.notFound) { _ = try await scene.world.xet.passForWriting(scene.address, by: bob) }
        let open = try await scene.world.create("model/ada/open", .public, by: scene.ada).address
        _ = try await scene.world.reader(open, bob)
        _ = try await scene.world.reader(open, .anonymous)
        await expectError(.forbidden) { _ = try await scene.world.xet.passForWriting(open, by: bob) }
        let reading = try await scene.world.tokenActor("ada", .read)
        _ = try await scene.world.reader(scene.address, reading)
        await expectError(.forbidden) { _ = try await scene.world.xet.passForWriting(scene.address, by: reading) }
    }

    /// A token says what was allowed when it was made; what is allowed is looked up.
    @Test(arguments: ["token", "user", "membership", "repository", "role"])
    func whatIsTakenAwayEndsAtOnce(what: String) async throws {
        let scene = try await XetScene()
        let world = scene.world
        try await world.user("bob")
        try await world.organization("lab", ["bob": .write])
        let address = try await world.create("model/lab/one", by: .operator).address
        let new = NewToken(userName: "bob", name: "one", role: .write)
        let bob = try await world.accounts.authenticate(
            .bearer(try await world.accounts.createToken(new, by: .operator)),
            from: "192.0.2.1"
        )
        let token = try await world.xet.passForWriting(address, by: bob).token
        let caller = try await world.xet.admit(token)
        try await world.send(scene.xorb, by: caller)
        switch what {
        case "token": try await world.accounts.revokeToken(userName: "bob", name: "one", by: .operator)
        case "user": try await world.accounts.setDisabled(name: "bob", true, by: .operator)
        case "membership":
            try await world.accounts.setMembership(organization: "lab", user: "bob", role: nil, by: .operator)
        case "role":
            try await world.accounts.setMembership(organization: "lab", user: "bob", role: .read, by: .operator)
        default: try await world.repositories.delete(address, by: .operator)
        }
        await expectRefusal(403) { _ = try await world.xet.admit(token) }
        // A request that has begun before is looked at again where it would change something.
        let other = try CraftedXorb([[1, 2, 3]])
        await expectRefusal(403) { try await world.send(other, by: caller) }
        await expectRefusal(403) {
            try await world.xet.register(try UploadShard([scene.file], [scene.xorb]), by: caller)
        }
        #expect(try await world.xet.storedLength(of: other.hash, for: caller) == nil)
    }
}
