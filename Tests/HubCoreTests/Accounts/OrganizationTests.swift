import Access
import HubCore
import Metadata
import Testing

@Suite struct OrganizationTests {
    @Test func givesItsMakerTheRoleOfAdmin() async throws {
        let world = try await World()
        let ada = try await world.user("ada", isAdmin: true)
        let acme = try await world.accounts.createOrganization(name: "Acme", by: ada)
        #expect(acme.kind == .organization)
        let identity = try await world.accounts.identity(of: ada)
        #expect(identity.organizations.map(\.id) == [acme.id])
        #expect(identity.organizations.map(\.name) == ["Acme"])
        #expect(identity.organizations.map(\.role) == [.admin])
        #expect(try await world.accounts.organizations(by: ada).map(\.name) == ["Acme"])
    }

    @Test func letsItsAdminsChangeMembers() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let bob = try await world.user("bob")
        try await world.organization("acme", ["ada": .admin, "bob": .write])
        try await world.accounts.setMembership(organization: "ACME", user: "BOB", role: .read, by: ada)
        let members = try await world.accounts.members(organization: "acme", by: ada)
        #expect(members.map(\.userName) == ["ada", "bob"])
        #expect(members.map(\.role) == [.admin, .read])
        try await world.accounts.setMembership(organization: "acme", user: "bob", role: nil, by: ada)
        #expect(try await world.accounts.identity(of: bob).organizations.isEmpty)
        await expectError(.forbidden) {
            try await world.accounts.setMembership(organization: "acme", user: "bob", role: .admin, by: bob)
        }
        await expectError(.unauthenticated) {
            try await world.accounts.setMembership(organization: "acme", user: "bob", role: .admin, by: .anonymous)
        }
    }

    @Test func knowsNoOrganizationByAUsersName() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        for name in ["ada", "nothing"] {
            await expectError(.notFound) {
                try await world.accounts.setMembership(organization: name, user: "ada", role: .read, by: ada)
            }
            await expectError(.unauthenticated) {
                _ = try await world.accounts.members(organization: name, by: .anonymous)
            }
        }
        try await world.organization("acme")
        await expectError(.notFound) {
            try await world.accounts.setMembership(organization: "acme", user: "nobody", role: .read, by: .operator)
        }
    }
}
