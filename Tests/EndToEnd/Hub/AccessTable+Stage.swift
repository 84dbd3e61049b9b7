import Foundation
import GranaryTesting
import Testing

/// Repositories of one setting, and everybody who tries to use them.
actor AccessStage {
    /// A repository and the token that is bound to it.
    struct Scene: Sendable {
        let repository: HostedRepository
        let bound: Person
    }

    /// Who may see the repositories.
    let setting: AccessSetting
    private let shared: SharedServer
    private let people: [AccessActor: Person]
    private var scenes: [String: Scene] = [:]

    /// Makes the people.
    init(_ setting: AccessSetting) async throws {
        self.setting = setting
        shared = try SharedServer.running
        people = try await Self.people(on: shared.server)
    }

    private static func people(on server: GranaryServer) async throws -> [AccessActor: Person] {
        func somebody(admin: Bool = false) async throws -> Person {
            let name = Story.freshName("person")
            try await server.run(["user", "add", name] + (admin ? ["--admin"] : [])).required()
            return try await server.addToken(to: name, named: "whole", role: "admin")
        }
        func ofAlice(_ role: String, _ options: String...) async throws -> Person {
            let words = ["token", "add", "alice", "--name", Story.freshName("token"), "--role", role] + options
            return Person(name: "alice", secret: try await server.run(words).required().output)
        }
        let other = try await server.addRepository("model", "alice", Story.freshName())
        let hubAdmin = try await somebody(admin: true)
        return [
            .outsider: try await somebody(), .reader: try await somebody(), .writer: try await somebody(),
            .admin: try await somebody(), .owner: try await ofAlice("admin"),
            .ownersWriteToken: try await ofAlice("write"), .ownersReadToken: try await ofAlice("read"),
            .boundElsewhere: try await ofAlice("admin", "--repo", other.address), .hubAdmin: hubAdmin,
            .hubAdminsReadToken: try await server.addToken(to: hubAdmin.name, named: "read", role: "read"),
        ]
    }

    /// The name of an actor's account.
    nonisolated func name(of actor: AccessActor) -> String { people[actor]?.name ?? "alice" }

    /// The fields by which an actor says who they are.
    nonisolated func credentials(_ actor: AccessActor, in scene: Scene) -> [String] {
        switch actor {
        case .anonymous: []
        case .boundHere: [scene.bound.bearer]
        default: people[actor].map { [$0.bearer] } ?? []
        }
    }

    /// The repository of a type that stays, with a commit of three files.
    func scene(_ type: String) async throws -> Scene {
        if let scene = scenes[type] { return scene }
        let scene = try await freshScene(type)
        let git = try GitClient(person: people[.owner], base: shared.server.base, protocolVersion: 2)
        let work = try await git.newRepository("work")
        let files = [".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", "README.md": "# It\n"]
        try await work.commit("first", files.merging(["data/a.txt": "one\n"]) { $1 })
        try await work("push", "--quiet", Wire.standard.url(of: scene.repository, on: shared.server), "main")
        scenes[type] = scene
        return scene
    }

    /// A new repository of a type, without a commit.
    func freshScene(_ type: String) async throws -> Scene {
        let server = shared.server
        let isPrivate = setting == .private
        let repository = try await server.addRepository(type, "alice", Story.freshName(), isPrivate: isPrivate)
        for (actor, role) in [(AccessActor.reader, "read"), (.writer, "write"), (.admin, "admin")] {
            try await server.granary("repo", "grant", repository.address, name(of: actor), role)
        }
        let bound = try await server.addToken(
            to: "alice",
            named: Story.freshName("token"),
            role: "write",
            "--repo",
            repository.address
        )
        if setting == .gated {
            let path = "/api\(type == "model" ? "/models" : "")\(repository.path)/settings"
            let put = try await server.curl.json("PUT", path, ["gated": "manual"], token: people[.owner]?.secret)
            #expect(put.status == 200, "\(put)")
        }
        return Scene(repository: repository, bound: bound)
    }
}
