import Access
import HubCore
import Metadata
import Testing

@Suite struct ProfileTests {
    @Test func changesAsFarAsItIsTold() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let accounts = world.accounts
        var account = try await accounts.changeProfile(
            userName: "ADA",
            fullName: .set("Ada L."),
            email: .set("ada@example.org"),
            by: ada
        )
        #expect(account.fullName == "Ada L." && account.email == "ada@example.org")
        account = try await accounts.changeProfile(userName: "ada", fullName: .keep, email: .remove, by: ada)
        #expect(account.fullName == "Ada L." && account.email == nil)
        #expect(try await world.lastAudit().action == "user.profile.changed")
        let reader = try await world.tokenActor("ada", .read)
        await expectError(.forbidden) {
            _ = try await accounts.changeProfile(userName: "ada", fullName: .remove, email: .keep, by: reader)
        }
        #expect(try await accounts.account(userName: "ada", by: reader).fullName == "Ada L.")
        let eve = try await world.user("eve")
        await expectError(.forbidden) { _ = try await accounts.account(userName: "ada", by: eve) }
        await expectError(.forbidden) { _ = try await accounts.account(userName: "nobody", by: eve) }
    }

    @Test func aPasswordNeedsTheOneBefore() async throws {
        let world = try await World { $0.loginLimits.failuresPerAccountAndAddress = 3 }
        let ada = try await world.user("ada", password: "correct horse battery")
        let new = "another good password"
        func change(from current: String?, by actor: Actor) async throws {
            try await world.accounts.changeOwnPassword(from: current, to: new, address: "192.0.2.1", by: actor)
        }
        await expectError(.forbidden) { try await change(from: nil, by: ada) }
        let writer = try await world.tokenActor("ada", .write)
        await expectError(.forbidden) { try await change(from: "correct horse battery", by: writer) }
        await expectError(.forbidden) { try await change(from: "wrong", by: ada) }
        await expectError(.forbidden) { try await change(from: "wrong again", by: ada) }
        // Three wrong ones have been counted, as failed logins are.
        await expectError(.limited(retryAfterSeconds: 60)) { try await change(from: "and again", by: ada) }
        world.clock.advance(seconds: 61)
        try await change(from: "correct horse battery", by: ada)
        let login = try await world.accounts.authenticate(.basic(user: "ada", secret: new), from: "192.0.2.1")
        #expect(login.userID == ada.userID)
        await expectError(.unauthenticated) { try await change(from: nil, by: .anonymous) }
    }

    @Test func accountsWithoutOneMaySetTheirFirst() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        try await world.accounts.changeOwnPassword(from: nil, to: "a good password", address: "192.0.2.1", by: ada)
        #expect(try await world.accounts.account(userName: "ada", by: ada).hasPassword)
    }
}

@Suite struct AccountAdministrationTests {
    @Test func changesAreAllOrNothing() async throws {
        let world = try await World()
        let root = try await world.user("root", isAdmin: true)
        try await world.user("bob")
        let account = try await world.accounts.change(
            userName: "bob",
            UserChange(isAdmin: true, isDisabled: true, fullName: .set("Bob")),
            by: root
        )
        #expect(account.isAdmin && account.isDisabled && account.fullName == "Bob")
        // Root is the last enabled administrator: nothing of this happens.
        await expectError(.conflict) {
            _ = try await world.accounts.change(
                userName: "root",
                UserChange(isDisabled: true, fullName: .set("Gone")),
                by: root
            )
        }
        #expect(try await world.accounts.account(userName: "root", by: root).fullName == nil)
        let bob = try await world.user("rob")
        await expectError(.forbidden) {
            _ = try await world.accounts.change(userName: "rob", UserChange(isAdmin: true), by: bob)
        }
        await expectError(.notFound) {
            _ = try await world.accounts.change(userName: "nobody", UserChange(isAdmin: true), by: root)
        }
    }

    @Test func repositoriesCloseForOwnersToo() async throws {
        let world = try await World()
        let (root, ada) = (try await world.user("root", isAdmin: true), try await world.user("ada"))
        let address = try await world.create("model/ada/tiny", by: ada).address
        var closing = RepositoryChange()
        closing.isDisabled = true
        closing.denyDeletes = true
        await expectError(.forbidden) { _ = try await world.repositories.change(address, closing, by: ada) }
        let closed = try await world.repositories.change(address, closing, by: root)
        #expect(closed.isDisabled && closed.settings.denyDeletes && !closed.settings.denyNonFastForward)
        var opening = RepositoryChange()
        opening.isDisabled = false
        await expectError(.forbidden) { _ = try await world.repositories.change(address, opening, by: ada) }
        #expect(try await !world.repositories.change(address, opening, by: root).isDisabled)
        #expect(try await world.lastAudit().action == "repository.enabled")
        var wrong = RepositoryChange()
        wrong.headTarget = "refs/tags/x"
        wrong.visibility = .public
        await expectError(.invalid) { _ = try await world.repositories.change(address, wrong, by: ada) }
        #expect(try await world.repositories.resolve(address, action: .readRepository, by: ada).visibility == .private)
    }

    @Test func collectionsAreAskedForOnceAndDone() async throws {
        let world = try await World.withKey(hasGit: true)
        let (root, ada) = (try await world.user("root", isAdmin: true), try await world.user("ada"))
        let administration = world.hub.administration
        var plan = LFSCollectionPlan()
        plan.graceSeconds = 5
        await expectError(.forbidden) { try await administration.askForCollection(plan, by: ada) }
        try await administration.askForCollection(plan, by: root)
        try await administration.askForCollection(plan, by: root)
        let waiting = try await administration.jobs(failed: false, after: nil, limit: 10, by: root)
        #expect(waiting.filter { $0.kind == "lfs.collection" && $0.payload.contains(":5,") }.count == 1)
        await world.hub.jobs.runDue()
        let lines = try await administration.audit(before: nil, limit: 10, by: root).map(\.action)
        #expect(lines.contains("hub.lfs.collected"))
        plan.quarantineSeconds = -1
        await expectError(.invalid) { try await administration.askForCollection(plan, by: root) }
        await expectError(.forbidden) { _ = try await administration.audit(before: nil, limit: 10, by: ada) }
        await expectError(.forbidden) { _ = try await administration.jobs(failed: true, after: nil, limit: 1, by: ada) }
    }
}
