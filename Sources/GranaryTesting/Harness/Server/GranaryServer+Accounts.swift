import Foundation

/// Somebody with an account, or nobody.
package struct Person: Sendable {
    /// The account's name.
    package let name: String
    /// A token, or a password.
    package let secret: String
    /// The account's SSH key, if it has one.
    package let key: SSHKey?

    /// Somebody with a secret.
    package init(name: String, secret: String, key: SSHKey? = nil) {
        self.name = name
        self.secret = secret
        self.key = key
    }

    /// `user:secret`, as Basic wants it.
    package var credentials: String { "\(name):\(secret)" }
    /// An `Authorization` header for Basic.
    package var basic: String { "Authorization: Basic \(Data(credentials.utf8).base64EncodedString())" }
    /// An `Authorization` header for Bearer.
    package var bearer: String { "Authorization: Bearer \(secret)" }
}

/// A repository on the server.
package struct HostedRepository: Sendable {
    /// The type: `model`, `dataset` and so on.
    package let type: String
    /// The owner.
    package let namespace: String
    /// The name below the owner.
    package let name: String
    /// The directory on the server's disk.
    package let storedPath: String

    /// A repository with a known directory.
    package init(type: String, namespace: String, name: String, storedPath: String) {
        self.type = type
        self.namespace = namespace
        self.name = name
        self.storedPath = storedPath
    }

    /// `TYPE/NAMESPACE/NAME`, as the command line takes it.
    package var address: String { "\(type)/\(namespace)/\(name)" }

    /// The path in URLs, with the leading slash and without `.git`.
    package var path: String {
        switch type {
        case "model": "/\(namespace)/\(name)"
        case "mcp": "/mcpservers/\(namespace)/\(name)"
        default: "/\(type)s/\(namespace)/\(name)"
        }
    }
}

extension GranaryServer {
    /// Makes an account with a token and, when the server speaks SSH, a key.
    package func addPerson(
        _ name: String,
        role: String = "write",
        admin: Bool = false
    ) async throws -> Person {
        try await run(["user", "add", name] + (admin ? ["--admin"] : [])).required()
        let person = try await addToken(to: name, named: "tests", role: role)
        guard sshPort != 0 else { return person }
        let key = try await SSHKey.make()
        try await addKey(key, to: name)
        return Person(name: name, secret: person.secret, key: key)
    }

    /// Makes one more token.
    ///
    /// - Parameter options: more flags, such as `--expires 30d`.
    package func addToken(
        to name: String,
        named title: String,
        role: String = "write",
        _ options: String...
    ) async throws -> Person {
        let result = try await run(["token", "add", name, "--name", title, "--role", role] + options).required()
        return Person(name: name, secret: result.output)
    }

    /// Makes a repository, empty unless `initialize` asks for a first commit.
    package func addRepository(
        _ type: String = "model",
        _ namespace: String,
        _ name: String,
        isPrivate: Bool = true,
        initialize: Bool = false
    ) async throws -> HostedRepository {
        let flags = [isPrivate ? "--private" : "--public"] + (initialize ? ["--init"] : [])
        // One at a time, so that the directory that appears is the new repository's.
        return try await creation.withSlot {
            let before = storedDirectories
            try await run(["repo", "create", "\(type)/\(namespace)/\(name)"] + flags).required()
            let path = storedDirectories.subtracting(before).first ?? ""
            return HostedRepository(type: type, namespace: namespace, name: name, storedPath: path)
        }
    }

    /// The directories of all repositories below `repositories/`.
    package var storedDirectories: Set<String> {
        let root = dataDirectory + "/repositories"
        let shelves = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return Set(
            shelves.flatMap { shelf in
                let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(shelf)")) ?? []
                return names.filter { $0.hasSuffix(".git") }.map { "\(root)/\(shelf)/\($0)" }
            }
        )
    }

    /// Runs stock git in the directory in which the server keeps a repository.
    ///
    /// A server that runs may join packs meanwhile: git then misses an index that it has listed, and is asked again.
    package func storedGit(_ repository: HostedRepository, _ arguments: [String]) async throws -> CommandResult {
        var command = Command("git", ["--git-dir", repository.storedPath] + arguments)
        command.environment = ["HOME": directory.path, "GIT_CONFIG_NOSYSTEM": "1"]
        while true {
            let before = indexes(of: repository)
            let result = try await command.run()
            if result.succeeded || indexes(of: repository) == before { return result }
        }
    }

    /// The names of the indexes of a repository's packs.
    private func indexes(of repository: HostedRepository) -> Set<String> {
        let names = try? FileManager.default.contentsOfDirectory(atPath: repository.storedPath + "/objects/pack")
        return Set((names ?? []).filter { $0.hasSuffix(".idx") })
    }
}
