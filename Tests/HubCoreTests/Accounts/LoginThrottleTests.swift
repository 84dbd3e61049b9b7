import Access
import HubCore
import Testing

@Suite struct LoginThrottleTests {
    private static let right = Credentials.basic(user: "ada", secret: "correct horse battery")

    private static func world() async throws -> World {
        let world = try await World()
        try await world.user("ada", password: "correct horse battery")
        return world
    }

    /// Fails `count` times, and gives the kinds of the answers.
    private func fail(_ count: Int, user: String = "ada", from address: String, in world: World) async -> [HubError
        .Kind]
    {
        var kinds: [HubError.Kind] = []
        for attempt in 0..<count {
            do {
                let login = Credentials.basic(user: user, secret: "wrong password \(attempt)")
                _ = try await world.accounts.authenticate(login, from: address)
            } catch {
                if let error = error as? HubError { kinds.append(error.kind) }
            }
        }
        return kinds
    }

    @Test func holdsAnAccountUpAtOneAddressAfterTenFailures() async throws {
        let world = try await Self.world()
        let kinds = await fail(11, user: "ADA", from: "192.0.2.7", in: world)
        #expect(kinds == Array(repeating: .unauthenticated, count: 10) + [.limited(retryAfterSeconds: 60)])
        await expectError(.limited(retryAfterSeconds: 60)) {
            _ = try await world.accounts.authenticate(Self.right, from: "192.0.2.7")
        }
        // Neither the account elsewhere nor others here.
        _ = try await world.accounts.authenticate(Self.right, from: "192.0.2.8")
        #expect(await fail(1, user: "bob", from: "192.0.2.7", in: world) == [.unauthenticated])
    }

    @Test func saysHowLongToWaitAndForgetsAfterwards() async throws {
        let world = try await Self.world()
        _ = await fail(10, from: "192.0.2.7", in: world)
        world.clock.advance(seconds: 45)
        #expect(await fail(1, from: "192.0.2.7", in: world) == [.limited(retryAfterSeconds: 15)])
        world.clock.advance(seconds: 15)
        _ = try await world.accounts.authenticate(Self.right, from: "192.0.2.7")
    }

    @Test func holdsAnAddressUpAfterSixtyFailures() async throws {
        let world = try await Self.world()
        for name in 0..<6 {
            #expect(
                await fail(10, user: "user\(name)", from: "192.0.2.7", in: world).allSatisfy { $0 == .unauthenticated }
            )
        }
        await expectError(.limited(retryAfterSeconds: 60)) {
            _ = try await world.accounts.authenticate(Self.right, from: "192.0.2.7")
        }
        _ = try await world.accounts.authenticate(Self.right, from: "192.0.2.8")
    }

    @Test func countsWrongTokensButNeverHoldsARightOneUp() async throws {
        let world = try await Self.world()
        let new = NewToken(userName: "ada", name: "laptop", role: .read)
        let token = try await world.accounts.createToken(new, by: .operator)
        for _ in 0..<60 {
            await expectError(.unauthenticated) {
                _ = try await world.accounts.authenticate(.bearer("wrong"), from: "192.0.2.7")
            }
        }
        await expectError(.limited(retryAfterSeconds: 60)) {
            _ = try await world.accounts.authenticate(.bearer("wrong"), from: "192.0.2.7")
        }
        _ = try await world.accounts.authenticate(.bearer(token), from: "192.0.2.7")
    }

    @Test(arguments: [
        ("2001:db8::1", "2001:db8::2", true),
        ("2001:db8:0:0:1::", "2001:db8::ffff", true),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ("::ffff:192.0.2.1", "192.0.2.1", true),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
        ("fe80::1%eth0", "fe80::2%eth1", true),
        ("192.0.2.1", "192.0.2.2", false),
        ("", "unix", false),
    ])
    func countsIPv6ByNetwork(first: String, second: String, isOne: Bool) async throws {
        let world = try await Self.world()
        _ = await fail(10, from: first, in: world)
        let kinds = await fail(1, from: second, in: world)
        #expect(kinds == [isOne ? .limited(retryAfterSeconds: 60) : .unauthenticated])
    }

    /// One `git clone` makes many requests at once; the first pays for all.
    @Test func doesNotCountRightLoginsHoweverMany() async throws {
        let world = try await Self.world()
        try await withThrowingTaskGroup(of: Actor.self) { group in
            for _ in 0..<40 {
                group.addTask { try await world.accounts.authenticate(Self.right, from: "192.0.2.7") }
            }
            try await group.waitForAll()
        }
        for _ in 0..<30 {
            world.clock.advance(seconds: 1)
            _ = try await world.accounts.authenticate(Self.right, from: "192.0.2.7")
        }
        #expect(await fail(1, from: "192.0.2.7", in: world) == [.unauthenticated])
    }

    /// Guesses that run at the same time are counted before they are answered.
    @Test func doesNotLetParallelGuessesThrough() async throws {
        let world = try await Self.world()
        let taken = await withTaskGroup(of: Bool.self) { group in
            for attempt in 0..<50 {
                group.addTask {
                    do {
                        let login = Credentials.basic(user: "ada", secret: "guess number \(attempt)")
                        _ = try await world.accounts.authenticate(login, from: "192.0.2.7")
                        return true
                    } catch {
                        return (error as? HubError)?.kind == .unauthenticated
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 10)
    }

    @Test func keepsItsTableSmall() async throws {
        let world = try await World { $0.loginLimits.entries = 16 }
        for host in 0..<200 {
            #expect(await fail(1, user: "user\(host)", from: "10.0.0.\(host)", in: world) == [.unauthenticated])
        }
    }
}
