import Foundation

/// Host keys made once for all servers of a test process: an RSA key costs half a second, and there are many servers.
package actor SharedHostKeys {
    /// The ones of this process.
    package static let shared = SharedHostKeys()
    private var made: Task<[SSHKey.Kind: SSHKey], any Error>?

    /// Puts the keys where a server that starts for the first time looks for its own.
    package func install(in secrets: String) async throws {
        let keys = try await keys()
        let manager = FileManager.default
        let isPrivate: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        let data = URL(fileURLWithPath: secrets).deletingLastPathComponent().path
        for path in [data, secrets] {
            try manager.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: isPrivate)
        }
        for (kind, key) in keys {
            try manager.copyItem(atPath: key.path, toPath: "\(secrets)/ssh_host_\(kind.rawValue)_key")
        }
    }

    private func keys() async throws -> [SSHKey.Kind: SSHKey] {
        if let made { return try await made.value }
        let task = Task {
            var keys: [SSHKey.Kind: SSHKey] = [:]
            for kind in SSHKey.Kind.plain { keys[kind] = try await SSHKey.make(kind) }
            return keys
        }
        made = task
        return try await task.value
    }
}
