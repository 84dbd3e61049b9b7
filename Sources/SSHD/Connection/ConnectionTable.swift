import HubCore
import Synchronization

/// All connections, counted by where they come from and whose they are.
///
/// A connection that has not logged in is worth little: when too many of them wait, of one address or of all, the oldest of
/// the busiest address ends in favour of the new one. Somebody who logs in without dawdling is thus never shut out by a
/// crowd of half-open connections, which costs its owner more than us.
package final class ConnectionTable: Sendable {
    /// Why a connection is not taken.
    package enum Refusal: String, Error, Sendable {
        /// The server has as many as it takes.
        case full
        /// The address has.
        case address
        /// The account has.
        case account
    }

    private struct Entry {
        let handle: ConnectionHandle
        /// Nil until login.
        var account: String?
    }

    private struct State {
        var next: UInt64 = 0
        var entries: [UInt64: Entry] = [:]
    }

    private let limits: SSHLimits
    private let state = Mutex(State())

    package init(_ limits: SSHLimits) { self.limits = limits }

    /// Connections that are open.
    package var count: Int { state.withLock { $0.entries.count } }

    /// Takes a new connection in; may end an old one that has not logged in.
    ///
    /// - Returns: the number by which the table knows it.
    package func admit(_ handle: ConnectionHandle) throws(Refusal) -> UInt64 {
        let outcome = state.withLock { state -> Result<(UInt64, ConnectionHandle?), Refusal> in
            guard state.entries.count < limits.connections else { return .failure(.full) }
            let fromThere = state.entries.values.count { $0.handle.network == handle.network }
            guard fromThere < limits.connectionsPerAddress else { return .failure(.address) }
            let victim = Self.victim(among: state.entries, for: handle, limits)
            let evicted = victim.flatMap { state.entries.removeValue(forKey: $0)?.handle }
            state.next += 1
            state.entries[state.next] = Entry(handle: handle)
            return .success((state.next, evicted))
        }
        let (number, evicted) = try outcome.get()
        evicted?.end(.displaced)
        return number
    }

    /// Notes that a connection logged in.
    package func logIn(_ number: UInt64, as account: String) throws(Refusal) {
        let isTaken = state.withLock { state in
            guard state.entries.values.count(where: { $0.account == account }) < limits.connectionsPerAccount else {
                return false
            }
            state.entries[number]?.account = account
            return true
        }
        guard isTaken else { throw .account }
    }

    /// Forgets a connection that has ended.
    package func remove(_ number: UInt64) {
        state.withLock { _ = $0.entries.removeValue(forKey: number) }
    }

    /// All connections, for the server's stop.
    var handles: [ConnectionHandle] { state.withLock { $0.entries.values.map(\.handle) } }

    /// The connection that ends in favour of a new one; nil when there is room.
    ///
    /// Numbers grow, so the smallest is the oldest.
    private static func victim(
        among entries: [UInt64: Entry],
        for handle: ConnectionHandle,
        _ limits: SSHLimits
    ) -> UInt64? {
        let pending = entries.filter { $0.value.account == nil }
        let ofAddress = pending.filter { $0.value.handle.network == handle.network }
        if ofAddress.count >= limits.pendingLoginsPerAddress { return ofAddress.keys.min() }
        guard pending.count >= limits.pendingLogins else { return nil }
        let byNetwork = Dictionary(grouping: pending.keys) { entries[$0]?.handle.network }
        // Of networks with equally many, the one with the oldest connection: a newcomer never gives way to the next.
        return byNetwork.values.map { (count: $0.count, oldest: $0.min() ?? .max) }
            .max { ($0.count, $1.oldest) < ($1.count, $0.oldest) }?.oldest
    }
}
