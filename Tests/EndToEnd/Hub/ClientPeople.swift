import GranaryTesting

/// The people of `fixtures/hub`, made when they are first needed.
actor ClientPeople {
    private let server: GranaryServer
    private let alice: Person
    private var made: Task<[String: String], any Error>?

    init(server: GranaryServer, alice: Person) {
        self.server = server
        self.alice = alice
    }

    /// Tokens by person.
    func secrets() async throws -> [String: String] {
        if let made { return try await made.value }
        let task = Task { try await Self.make(on: server, alice) }
        made = task
        return try await task.value
    }

    private static func make(on server: GranaryServer, _ alice: Person) async throws -> [String: String] {
        let admin = try await server.addToken(to: "alice", named: "all", role: "admin")
        let reader = try await server.addToken(to: "alice", named: "reading", role: "read")
        let bob = try await server.addPerson("bob")
        try await server.granary("org", "add", "acme")
        try await server.granary("org", "member", "acme", "alice", "admin")
        return ["alice": alice.secret, "admin": admin.secret, "reader": reader.secret, "bob": bob.secret]
    }
}
