import Access
import HubCore
import Metadata
import Testing

@Suite struct RepositoryMoveTests {
    private func address(_ text: String) throws -> RepositoryAddress { try RepositoryAddress(parsing: text) }

    @Test func leadsFromTheOldAddressToTheNew() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let old = try await world.create("model/ada/old", .public, by: ada)
        let moved = try await world.repositories.move(old.address, to: address("model/ada/New"), by: ada)
        #expect(moved.id == old.id)
        #expect(moved.address == (try address("model/ada/New")))
        await expectError(.moved(to: moved.address)) {
            _ = try await world.repositories.resolve(address("model/ADA/OLD"), action: .writeRepository, by: .anonymous)
        }
        #expect(try await world.lastAudit().details == #"{"from":"model/ada/old"}"#)
        // A second move, and both old addresses lead to where it is now.
        let again = try await world.repositories.move(moved.address, to: address("model/ada/newer"), by: ada)
        for name in ["old", "new"] {
            await expectError(.moved(to: again.address)) {
                _ = try await world.repositories.resolve(address("model/ada/\(name)"), action: .readRepository, by: ada)
            }
        }
    }

    @Test func leadsNobodyToWhatTheyMayNotSee() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let bob = try await world.user("bob")
        let old = try await world.create("model/ada/old", .private, by: ada).address
        _ = try await world.repositories.move(old, to: address("model/ada/new"), by: ada)
        await expectError(.notFound) {
            _ = try await world.repositories.resolve(old, action: .readRepository, by: bob)
        }
        await expectError(.unauthenticated) {
            _ = try await world.repositories.resolve(old, action: .readRepository, by: .anonymous)
        }
    }

    @Test func endsTheRedirectWhenSomethingNewIsThere() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let first = try await world.create("model/ada/old", by: ada)
        _ = try await world.repositories.move(first.address, to: address("model/ada/new"), by: ada)
        let second = try await world.create("model/ada/old", by: ada)
        let found = try await world.repositories.resolve(address("model/ada/old"), action: .readRepository, by: ada)
        #expect(found.id == second.id)
        // And moving back to an address that redirected to itself leaves a plain repository there.
        try await world.repositories.delete(second.address, by: ada)
        let back = try await world.repositories.move(address("model/ada/new"), to: address("model/ada/old"), by: ada)
        #expect(back.id == first.id)
        #expect(try await world.repositories.resolve(back.address, action: .readRepository, by: ada).id == first.id)
    }

    @Test func changesTheCaseOfAName() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let old = try await world.create("model/ada/tiny", by: ada)
        let moved = try await world.repositories.move(old.address, to: address("model/ada/Tiny"), by: ada)
        #expect(moved.name == "Tiny")
        #expect(try await world.repositories.resolve(old.address, action: .readRepository, by: ada) == moved)
    }

    @Test func needsRightsAtBothEnds() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let bob = try await world.user("bob")
        try await world.organization("acme", ["ada": .write, "bob": .read])
        let mine = try await world.create("model/ada/mine", by: ada).address
        let ours = try await world.create("model/acme/ours", by: ada).address
        await expectError(.forbidden) {
            _ = try await world.repositories.move(mine, to: address("model/bob/mine"), by: ada)
        }
        await expectError(.forbidden) {
            _ = try await world.repositories.move(mine, to: address("model/nothing/mine"), by: ada)
        }
        await expectError(.forbidden) {
            _ = try await world.repositories.move(ours, to: address("model/bob/ours"), by: bob)
        }
        await expectError(.notFound) {
            _ = try await world.repositories.move(mine, to: address("model/bob/mine"), by: bob)
        }
        _ = try await world.repositories.move(mine, to: address("model/acme/mine"), by: ada)
        // The maker's grant is enough within the namespace, also when the membership has ended.
        try await world.accounts.setMembership(organization: "acme", user: "ada", role: nil, by: .operator)
        let renamed = try await world.repositories.move(ours, to: address("model/acme/theirs"), by: ada)
        await expectError(.forbidden) {
            _ = try await world.create("model/acme/other", by: ada)
        }
        #expect(renamed.name == "theirs")
    }

    @Test func refusesTakenAndImpossibleAddresses() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let one = try await world.create("model/ada/one", by: ada).address
        try await world.create("model/ada/two", by: ada)
        await expectError(.conflict) {
            _ = try await world.repositories.move(one, to: address("model/ada/TWO"), by: ada)
        }
        await expectError(.invalid) {
            _ = try await world.repositories.move(one, to: address("dataset/ada/one"), by: ada)
        }
        await expectError(.invalid) {
            let bad = RepositoryAddress(type: .model, namespace: "ada", name: "../x")
            _ = try await world.repositories.move(one, to: bad, by: ada)
        }
        await expectError(.notFound) {
            _ = try await world.repositories.move(address("model/ada/none"), to: address("model/ada/x"), by: ada)
        }
    }
}
