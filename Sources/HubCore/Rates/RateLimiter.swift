package import Access
import Synchronization

/// What became of a request that was counted.
package struct RateVerdict: Sendable, Equatable {
    /// Whether it may go on.
    package var isAllowed: Bool
    /// Requests that a window takes.
    package var quota: Int
    /// Requests that this window still takes.
    package var remaining: Int
    /// Seconds until the next window, at least 1.
    package var resetSeconds: Int
    /// The length of a window.
    package var windowSeconds: Int
}

/// Counts the requests of accounts and networks in windows of time, and says when there were too many.
///
/// A window begins with a client's first request. Each request costs the same, whoever comes, and memory is bounded: who
/// has been there longest is forgotten first. Accounts are remembered apart from networks, so that no number of networks
/// makes the hub forget an account.
package final class RateLimiter: Sendable {
    private let limits: RateLimits
    private let nanoseconds: @Sendable () -> Int64
    private let accounts: Mutex<RateTable>
    private let networks: Mutex<RateTable>

    /// A limiter that has seen nobody.
    ///
    /// - Parameter clock: nanoseconds of a clock that never goes back.
    package init(_ limits: RateLimits, clock: @escaping @Sendable () -> Int64 = monotonicNanoseconds) {
        self.limits = limits
        nanoseconds = clock
        accounts = Mutex(RateTable(capacity: limits.clients))
        networks = Mutex(RateTable(capacity: limits.clients))
    }

    /// Counts a request of whoever asks.
    ///
    /// - Parameter address: the client's, without port.
    /// - Returns: nil when requests of the kind are not limited.
    package func charge(_ bucket: RateBucket, to actor: Actor, at address: String) -> RateVerdict? {
        switch actor {
        case .user, .key: charge(bucket, limits.account, accounts, actor.gateClient(at: address))
        case .anonymous, .operator: charge(bucket, limits.network, networks, ClientNetwork(address: address).text)
        }
    }

    /// Counts a request by a signed link, which somebody with an account was given.
    ///
    /// The number is that of accounts, as a network may have many of these behind it.
    package func chargeLink(_ bucket: RateBucket, at address: String) -> RateVerdict? {
        charge(bucket, limits.account, networks, "link " + ClientNetwork(address: address).text)
    }

    /// How many accounts and networks are remembered.
    package var clientCount: Int { accounts.withLock { $0.count } + networks.withLock { $0.count } }

    private func charge(
        _ bucket: RateBucket,
        _ quota: RateQuota,
        _ table: borrowing Mutex<RateTable>,
        _ client: String
    ) -> RateVerdict? {
        guard let number = quota.number(of: bucket) else { return nil }
        let second = nanoseconds() / 1_000_000_000
        let (used, start) = table.withLock { table in
            table.count(client, bucket, second, window: Int64(limits.windowSeconds))
        }
        return RateVerdict(
            isAllowed: used <= number,
            quota: number,
            remaining: max(0, number - used),
            resetSeconds: Int(clamping: max(1, start + Int64(limits.windowSeconds) - second)),
            windowSeconds: limits.windowSeconds
        )
    }
}

/// A bounded number of clients with what they have done in their present windows.
private struct RateTable {
    fileprivate struct Entry {
        var client: String
        var start: Int64
        var used = (api: 0, resolvers: 0, git: 0)
    }

    private let capacity: Int
    private var entries: [Entry] = []
    private var places: [String: Int] = [:]
    /// The place of whoever is forgotten next.
    private var hand = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { entries.count }

    /// Counts one more; gives the number with it, and the second in which the window began.
    mutating func count(_ client: String, _ bucket: RateBucket, _ second: Int64, window: Int64) -> (Int, Int64) {
        let place = places[client] ?? newPlace(for: client, second)
        if second - entries[place].start >= window {
            entries[place] = Entry(client: client, start: second)
        }
        return (entries[place].add(to: bucket), entries[place].start)
    }

    private mutating func newPlace(for client: String, _ second: Int64) -> Int {
        let entry = Entry(client: client, start: second)
        guard entries.count >= capacity else {
            entries.append(entry)
            places[client] = entries.count - 1
            return entries.count - 1
        }
        let place = hand
        hand = (hand + 1) % capacity
        places[entries[place].client] = nil
        entries[place] = entry
        places[client] = place
        return place
    }
}

extension RateTable.Entry {
    fileprivate mutating func add(to bucket: RateBucket) -> Int {
        switch bucket {
        case .api:
            used.api += 1
            return used.api
        case .resolvers:
            used.resolvers += 1
            return used.resolvers
        case .git:
            used.git += 1
            return used.git
        }
    }
}
