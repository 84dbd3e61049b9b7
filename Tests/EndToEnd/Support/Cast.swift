import GranaryTesting
import Testing

/// Everybody who may or may not use alice's repository.
struct Cast: Sendable {
    /// What git's user sees.
    enum Outcome: String, Sendable {
        case works, challenged, notFound, forbidden, badCredentials

        /// What a git command's end means.
        init(_ result: CommandResult) throws {
            let text = result.errorText
            if result.succeeded {
                self = .works
            } else if text.contains("Permission denied (publickey)") {
                self = .badCredentials
            } else if text.contains("granary: ") {
                self = text.contains("not found") ? .notFound : .forbidden
            } else if text.contains("could not read Username") {
                self = .challenged
            } else if text.contains("Authentication failed") {
                self = .badCredentials
            } else if text.contains("not found") {
                self = .notFound
            } else if text.contains("403") {
                self = .forbidden
            } else {
                throw CommandFailure(result: result)
            }
        }

        /// The HTTP status behind it.
        var status: Int {
            switch self {
            case .works: 200
            case .challenged, .badCredentials: 401
            case .notFound: 404
            case .forbidden: 403
            }
        }
    }

    /// Somebody, with what they may expect.
    struct Role: Sendable {
        /// The word for it.
        let name: String
        /// Nil has no account.
        let person: Person?
        /// Clone and push of a private repository.
        let privately: (clone: Outcome, push: Outcome)
        /// Clone and push of a public repository.
        let publicly: (clone: Outcome, push: Outcome)
    }

    /// Names of the roles, for tests with arguments.
    static let names = [
        "owner", "reader", "writer", "administrator", "stranger", "hub administrator", "nobody", "wrong token",
        "owner's read token",
    ]

    /// Names of the roles that can have a key of their own.
    static let namesWithKeys = ["owner", "reader", "writer", "administrator", "stranger", "hub administrator"]

    /// Makes the accounts and grants.
    static func assemble(_ story: Story, only name: String) async throws -> Role {
        let server = story.server
        func granted(_ role: String) async throws -> Person {
            let person = try await server.addPerson(Story.freshName("person"))
            try await server.granary("repo", "grant", story.repository.address, person.name, role)
            return person
        }
        switch name {
        case "owner":
            return Role(name: name, person: story.owner, privately: (.works, .works), publicly: (.works, .works))
        case "reader":
            let person = try await granted("read")
            return Role(name: name, person: person, privately: (.works, .forbidden), publicly: (.works, .forbidden))
        case "writer":
            return Role(
                name: name,
                person: try await granted("write"),
                privately: (.works, .works),
                publicly: (.works, .works)
            )
        case "administrator":
            return Role(
                name: name,
                person: try await granted("admin"),
                privately: (.works, .works),
                publicly: (.works, .works)
            )
        case "stranger":
            let person = try await server.addPerson(Story.freshName("person"))
            return Role(name: name, person: person, privately: (.notFound, .notFound), publicly: (.works, .forbidden))
        case "hub administrator":
            let person = try await server.addPerson(Story.freshName("person"), role: "admin", admin: true)
            return Role(name: name, person: person, privately: (.works, .works), publicly: (.works, .works))
        case "nobody":
            return Role(
                name: name,
                person: nil,
                privately: (.challenged, .challenged),
                publicly: (.works, .challenged)
            )
        case "wrong token":
            let person = Person(name: "alice", secret: "gra_" + String(repeating: "A", count: 43))
            return Role(
                name: name,
                person: person,
                privately: (.badCredentials, .badCredentials),
                publicly: (.works, .badCredentials)
            )
        default:
            let person = try await server.addToken(to: "alice", named: Story.freshName("read"), role: "read")
            return Role(name: name, person: person, privately: (.works, .forbidden), publicly: (.works, .forbidden))
        }
    }
}
