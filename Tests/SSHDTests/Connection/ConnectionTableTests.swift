import Glibc
import SSHD
import Testing

@Suite("The table of connections")
struct ConnectionTableTests {
    /// A connection that comes from nowhere: a socket without peer.
    private static func handle() throws -> ConnectionHandle {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let handle = try ConnectionHandle(descriptor: descriptor)
        handle.forgetDescriptor()
        return handle
    }

    private static func limits(_ change: (inout SSHLimits) -> Void) -> SSHLimits {
        var limits = SSHLimits.standard
        change(&limits)
        return limits
    }

    @Test func refusesMoreThanTheServerTakes() throws {
        let table = ConnectionTable(Self.limits { $0.connections = 2 })
        let first = try table.admit(Self.handle())
        try table.logIn(first, as: "alice")
        try table.logIn(table.admit(Self.handle()), as: "alice")
        #expect(throws: ConnectionTable.Refusal.full) { try table.admit(Self.handle()) }
        table.remove(first)
        _ = try table.admit(Self.handle())
        #expect(table.count == 2)
    }

    @Test func refusesMoreThanAnAddressMayHave() throws {
        let table = ConnectionTable(Self.limits { $0.connectionsPerAddress = 1 })
        try table.logIn(table.admit(Self.handle()), as: "alice")
        #expect(throws: ConnectionTable.Refusal.address) { try table.admit(Self.handle()) }
    }

    @Test func refusesMoreLoginsThanAnAccountMayHave() throws {
        let table = ConnectionTable(Self.limits { $0.connectionsPerAccount = 1 })
        try table.logIn(table.admit(Self.handle()), as: "alice")
        let second = try table.admit(Self.handle())
        #expect(throws: ConnectionTable.Refusal.account) { try table.logIn(second, as: "alice") }
        try table.logIn(second, as: "bob")
    }

    @Test func halfOpenConnectionsGiveWayToNewOnes() throws {
        let table = ConnectionTable(Self.limits { $0.pendingLoginsPerAddress = 3 })
        let kept = try table.admit(Self.handle())
        try table.logIn(kept, as: "alice")
        for _ in 0..<10 { _ = try table.admit(Self.handle()) }
        // The one that is logged in, and three that wait.
        #expect(table.count == 4)
        try table.logIn(kept, as: "alice")
    }

    @Test func theTotalOfHalfOpenConnectionsIsBoundedToo() throws {
        let table = ConnectionTable(Self.limits { $0.pendingLogins = 5 })
        for _ in 0..<20 { _ = try table.admit(Self.handle()) }
        #expect(table.count == 5)
    }
}
