import Foundation

extension GranaryServer {
    /// The file with the host keys that the server names at `/api/ssh`, as `ssh` wants them.
    package var knownHosts: String { directory.path("known_hosts") }

    /// The system's `ssh` in the hands of somebody; nil has no key.
    package func ssh(as person: Person?) -> SSHClient {
        ssh(with: person?.key)
    }

    /// The system's `ssh` with a key.
    package func ssh(with key: SSHKey?) -> SSHClient {
        SSHClient(port: sshPort, knownHosts: knownHosts, key: key)
    }

    /// Asks the server for its host keys and writes them down.
    func noteHostKeys() async throws {
        let answer = try await curl("GET", "/api/ssh")
        let keys = answer.json["hostKeys"] as? [[String: Any]] ?? []
        let lines = keys.compactMap { $0["knownHosts"] as? String }
        guard !lines.isEmpty else { return }
        try directory.write("known_hosts", lines.joined(separator: "\n") + "\n")
    }

    /// Registers a key of a user.
    package func addKey(_ key: SSHKey, to name: String) async throws {
        try await granary("key", "add", name, key.publicPath)
    }

    /// Registers a deploy key.
    package func addKey(_ key: SSHKey, to repository: HostedRepository, role: String) async throws {
        try await granary("key", "add", "--repository", repository.address, "--role", role, key.publicPath)
    }

    /// Registers an organisation's key.
    package func addKey(_ key: SSHKey, toOrganization name: String, role: String) async throws {
        try await granary("key", "add", "--organization", name, "--role", role, key.publicPath)
    }

    /// Revokes a key.
    package func removeKey(_ key: SSHKey) async throws {
        try await granary("key", "remove", key.fingerprint())
    }
}

extension HostedRepository {
    /// The word that git sends: the path of an `ssh://` URL in single quotes.
    package var quotedPath: String { "'\(path).git'" }
}
