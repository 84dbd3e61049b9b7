import Glibc
import SSHD
import Testing

@Suite("The table of connections")
struct ConnectionTableTests {
    /// A connection that comes from nowhere: a socket without peer.
    private static func handle() throws -> ConnectionHandle {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return try ConnectionHandle(descriptor: descriptor)
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

    @Test func whatGivesWayIsTheOldestThatHasNotLoggedIn() throws {
        let table = ConnectionTable(Self.limits { $0.pendingLogins = 3 })
        let handles = try (0..<5).map { _ in try Self.handle() }
        let first = try table.admit(handles[0])
        try table.logIn(first, as: "alice")
        for handle in handles.dropFirst() { _ = try table.admit(handle) }
        #expect(handles.map(\.isEnded) == [false, true, false, false, false])
    }

    /// libssh closes a socket by itself, and the number may be another connection's before the table hears of it.
    @Test func whatGivesWayKeepsItsHandsOffTheSocket() throws {
        let table = ConnectionTable(Self.limits { $0.pendingLogins = 1 })
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        let handle = try ConnectionHandle(descriptor: pair[0])
        _ = try table.admit(handle)
        _ = try table.admit(Self.handle())
        #expect(handle.isEnded)
        #expect(send(pair[1], [7], 1, Int32(MSG_NOSIGNAL)) == 1)
        var byte: UInt8 = 0
        #expect(recv(pair[0], &byte, 1, Int32(MSG_DONTWAIT)) == 1 && byte == 7)
    }

    @Test func theTotalOfHalfOpenConnectionsIsBoundedToo() throws {
        let table = ConnectionTable(Self.limits { $0.pendingLogins = 5 })
        for _ in 0..<20 { _ = try table.admit(Self.handle()) }
        #expect(table.count == 5)
    }
}
