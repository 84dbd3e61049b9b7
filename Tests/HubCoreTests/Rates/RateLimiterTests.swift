import Access
import HubCore
import Synchronization
import Testing

@Suite struct RateLimiterTests {
    private final class Seconds: Sendable {
        private let value = Mutex<Int64>(1_000)
        func advance(_ seconds: Int64) { value.withLock { $0 += seconds } }
        var nanoseconds: Int64 { value.withLock { $0 } * 1_000_000_000 }
    }

    private let clock = Seconds()

    private func limiter(clients: Int = 100) -> RateLimiter {
        var limits = RateLimits()
        limits.windowSeconds = 60
        limits.account = RateQuota(api: 3, resolvers: 2, git: 0)
        limits.network = RateQuota(api: 2, resolvers: 1, git: 1)
        limits.clients = clients
        return RateLimiter(limits) { [clock] in clock.nanoseconds }
    }

    private func user(_ number: UInt8) throws -> Actor {
        let id = try #require(RecordID(bytes: [UInt8](repeating: 0, count: 15) + [number]))
        return .user(UserActor(id: id, name: "user\(number)", isAdmin: false))
    }

    @Test func countsDownAndBeginsAgain() throws {
        let (limiter, ada) = (limiter(), try user(1))
        var verdicts: [RateVerdict] = []
        for _ in 0..<5 {
            verdicts.append(try #require(limiter.charge(.api, to: ada, at: "192.0.2.1")))
            clock.advance(10)
        }
        #expect(verdicts.map(\.remaining) == [2, 1, 0, 0, 0])
        #expect(verdicts.map(\.isAllowed) == [true, true, true, false, false])
        #expect(verdicts.map(\.resetSeconds) == [60, 50, 40, 30, 20])
        #expect(verdicts.allSatisfy { $0.quota == 3 && $0.windowSeconds == 60 })
        clock.advance(9)
        #expect(limiter.charge(.api, to: ada, at: "192.0.2.1")?.resetSeconds == 1)
        clock.advance(1)
        let fresh = try #require(limiter.charge(.api, to: ada, at: "192.0.2.1"))
        #expect(fresh.isAllowed && fresh.remaining == 2 && fresh.resetSeconds == 60)
    }

    @Test func countsEachKindApart() throws {
        let (limiter, ada) = (limiter(), try user(1))
        for _ in 0..<5 { _ = limiter.charge(.api, to: ada, at: "192.0.2.1") }
        #expect(limiter.charge(.resolvers, to: ada, at: "192.0.2.1")?.isAllowed == true)
        // 0 is any number.
        #expect(limiter.charge(.git, to: ada, at: "192.0.2.1") == nil)
    }

    @Test func anAccountIsOneClientWhereverItComesFrom() throws {
        let (limiter, ada, bob) = (limiter(), try user(1), try user(2))
        for number in 0..<3 { _ = limiter.charge(.api, to: ada, at: "192.0.2.\(number)") }
        #expect(limiter.charge(.api, to: ada, at: "198.51.100.1")?.isAllowed == false)
        #expect(limiter.charge(.api, to: bob, at: "192.0.2.0")?.isAllowed == true)
        #expect(limiter.charge(.api, to: .anonymous, at: "192.0.2.0")?.isAllowed == true)
    }

    @Test func anAnonymousClientIsItsNetwork() {
        let limiter = limiter()
        for number in 0..<2 { _ = limiter.charge(.api, to: .anonymous, at: "2001:db8:1:2::\(number)") }
        #expect(limiter.charge(.api, to: .anonymous, at: "2001:db8:1:2:ffff::1")?.isAllowed == false)
        #expect(limiter.charge(.api, to: .anonymous, at: "2001:db8:1:3::1")?.isAllowed == true)
        for _ in 0..<2 { _ = limiter.charge(.api, to: .anonymous, at: "192.0.2.1") }
        #expect(limiter.charge(.api, to: .anonymous, at: "::ffff:192.0.2.1")?.isAllowed == false)
    }

    @Test func linksAreOneMoreClientOfTheirNetwork() throws {
        let limiter = limiter()
        #expect(limiter.chargeLink(.git, at: "192.0.2.1") == nil)
        for _ in 0..<2 { #expect(limiter.chargeLink(.resolvers, at: "192.0.2.1")?.isAllowed == true) }
        #expect(limiter.chargeLink(.resolvers, at: "192.0.2.1")?.isAllowed == false)
        #expect(limiter.charge(.resolvers, to: .anonymous, at: "192.0.2.1")?.isAllowed == true)
    }

    @Test func remembersABoundedNumberAndForgetsTheOldest() throws {
        let (limiter, ada) = (limiter(clients: 16), try user(1))
        for _ in 0..<4 { _ = limiter.charge(.api, to: ada, at: "192.0.2.1") }
        for number in 0..<5_000 {
            _ = limiter.charge(.api, to: .anonymous, at: "198.51.\(number / 250).\(number % 250)")
        }
        #expect(limiter.clientCount == 17)
        // Networks do not make it forget an account.
        #expect(limiter.charge(.api, to: ada, at: "192.0.2.1")?.isAllowed == false)
        // The last ones are still known, each by its own count.
        #expect(limiter.charge(.api, to: .anonymous, at: "198.51.19.249")?.remaining == 0)
        #expect(limiter.charge(.api, to: .anonymous, at: "198.51.0.0")?.remaining == 1)
    }

    @Test func takesWhatToolsDoByDefault() throws {
        let limiter = RateLimiter(.standard)
        let ada = try user(1)
        // A snapshot of 10,000 files, beside sixteen listings of 1,000 folders and 200 builds of 100 requests.
        for _ in 0..<20_000 { #expect(limiter.charge(.resolvers, to: .anonymous, at: "192.0.2.1")?.isAllowed == true) }
        for _ in 0..<16_000 + 20_000 { #expect(limiter.charge(.api, to: ada, at: "192.0.2.1")?.isAllowed == true) }
    }
}
