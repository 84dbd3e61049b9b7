import CLibSSH
import GitCore
import Glibc
package import HubCore

/// The keys by which clients know the server again: one file each, in OpenSSH's format, readable by the owner alone.
package struct HostKeys: Sendable {
    /// Kinds of host key, the best first.
    ///
    /// All are made; which are offered is a setting, by default without ECDSA, whose curve auditors distrust.
    package enum Algorithm: String, CaseIterable, Sendable {
        case ed25519, rsa, ecdsa

        /// The file's name, as OpenSSH names it.
        package var fileName: String { "ssh_host_\(rawValue)_key" }

        /// The signatures that keys of this kind give, the best first.
        fileprivate var signatures: [String] {
            switch self {
            case .ed25519: ["ssh-ed25519"]
            case .rsa: ["rsa-sha2-512", "rsa-sha2-256"]
            case .ecdsa: ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"]
            }
        }

        fileprivate var type: ssh_keytypes_e {
            switch self {
            case .ed25519: SSH_KEYTYPE_ED25519
            case .rsa: SSH_KEYTYPE_RSA
            case .ecdsa: SSH_KEYTYPE_ECDSA_P256
            }
        }

        /// Of a new key; libssh ignores it for Ed25519.
        fileprivate var bits: Int32 {
            switch self {
            case .ed25519: 0
            case .rsa: 3_072
            case .ecdsa: 256
            }
        }

        fileprivate init?(type: ssh_keytypes_e) {
            switch type {
            case SSH_KEYTYPE_ED25519: self = .ed25519
            case SSH_KEYTYPE_RSA: self = .rsa
            case SSH_KEYTYPE_ECDSA_P256, SSH_KEYTYPE_ECDSA_P384, SSH_KEYTYPE_ECDSA_P521: self = .ecdsa
            default: return nil
            }
        }
    }

    /// Why host keys cannot be used.
    package enum Failure: Error, Sendable, CustomStringConvertible {
        case notReadable(path: String, reason: String)
        case openToOthers(path: String)
        case notAKey(path: String)
        case unsupported(path: String)
        case weakRSA(path: String)
        case notWritable(path: String, reason: String)

        /// One sentence that says what to do.
        package var description: String {
            switch self {
            case .notReadable(let path, let reason): "the host key \(path) cannot be read: \(reason)"
            case .openToOthers(let path):
                "the host key \(path) is open to other users; make it private: chmod 600 \(path)"
            case .notAKey(let path):
                "\(path) is not a private key in OpenSSH's or PEM format, or it has a passphrase; host keys have none"
            case .unsupported(let path): "the host key \(path) is not of a supported kind: ed25519, rsa or ecdsa"
            case .weakRSA(let path): "the host key \(path) is an RSA key of fewer than 2048 bits"
            case .notWritable(let path, let reason): "the host key \(path) cannot be written: \(reason)"
            }
        }
    }

    /// The directory of the files.
    package let directory: String
    /// What clients are offered.
    package let offered: [Algorithm]

    /// Keys in a directory that exists.
    package init(directory: String, offered: [Algorithm] = Algorithm.allCases) {
        self.directory = directory
        self.offered = Algorithm.allCases.filter(offered.contains)
    }

    /// The signatures to offer, the best first.
    var signatures: [String] { offered.flatMap(\.signatures) }

    /// Where the key of an algorithm is.
    package func path(_ algorithm: Algorithm) -> String { "\(directory)/\(algorithm.fileName)" }

    /// Makes the keys that do not exist; each file appears whole or not at all.
    ///
    /// - Returns: those that were made.
    @discardableResult
    package func createMissing() throws -> [Algorithm] {
        var made: [Algorithm] = []
        for algorithm in Algorithm.allCases where access(path(algorithm), F_OK) != 0 {
            var key: OpaquePointer?
            guard ssh_pki_generate(algorithm.type, algorithm.bits, &key) == SSH_OK, let key else {
                throw LibSSHError("make an \(algorithm.rawValue) host key")
            }
            defer { ssh_key_free(key) }
            try write(key, to: path(algorithm))
            made.append(algorithm)
        }
        return made
    }

    /// Takes a key that another server used, in place of ours of the same algorithm.
    ///
    /// - Parameter path: a private key without passphrase, as OpenSSH keeps it in /etc/ssh.
    /// - Returns: what clients see of it.
    package func importKey(from path: String) throws -> SSHHostKey {
        let (algorithm, key) = try Self.load(path)
        defer { ssh_key_free(key) }
        try write(key, to: self.path(algorithm))
        return try Self.description(of: key, at: path)
    }

    /// What clients see of the keys that are offered and exist, the best first.
    package func descriptions() throws -> [SSHHostKey] {
        try existing.map { path in
            let (_, key) = try Self.load(path)
            defer { ssh_key_free(key) }
            return try Self.description(of: key, at: path)
        }
    }

    /// Loads the keys that are offered for a bind, which becomes their owner.
    func loadOffered() throws -> [OpaquePointer] {
        try existing.map { path in
            try Self.checkPrivate(path)
            return try Self.load(path).key
        }
    }

    private var existing: [String] {
        offered.map(path).filter { access($0, F_OK) == 0 }
    }

    /// libssh writes the file itself, so it does that beside the place, under a name nobody reads.
    private func write(_ key: OpaquePointer, to path: String) throws {
        let temporary = path + ".new"
        unlink(temporary)
        // The file exists, private, before a byte of the key is in it.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure.notWritable(path: path, reason: Self.systemError()) }
        defer { close(descriptor) }
        guard ssh_pki_export_privkey_file(key, nil, nil, nil, temporary) == SSH_OK else {
            unlink(temporary)
            throw Failure.notWritable(path: path, reason: Self.systemError())
        }
        guard fsync(descriptor) == 0, chmod(temporary, 0o600) == 0, rename(temporary, path) == 0 else {
            let reason = Self.systemError()
            unlink(temporary)
            throw Failure.notWritable(path: path, reason: reason)
        }
        try Directories.synchronize(directory)
    }

    private static func load(_ path: String) throws -> (algorithm: Algorithm, key: OpaquePointer) {
        guard access(path, R_OK) == 0 else { throw Failure.notReadable(path: path, reason: systemError()) }
        var key: OpaquePointer?
        // The empty passphrase keeps libssh from asking for one on the terminal.
        guard ssh_pki_import_privkey_file(path, "", nil, nil, &key) == SSH_OK, let key else {
            throw Failure.notAKey(path: path)
        }
        guard let algorithm = Algorithm(type: ssh_key_type(key)) else {
            ssh_key_free(key)
            throw Failure.unsupported(path: path)
        }
        return (algorithm, key)
    }

    private static func checkPrivate(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Failure.notReadable(path: path, reason: systemError()) }
        guard status.st_mode & 0o077 == 0 else { throw Failure.openToOthers(path: path) }
    }

    private static func description(of key: OpaquePointer, at path: String) throws -> SSHHostKey {
        var text: UnsafeMutablePointer<CChar>?
        guard ssh_pki_export_pubkey_base64(key, &text) == SSH_OK, let text else { throw Failure.notAKey(path: path) }
        defer { ssh_string_free_char(text) }
        guard let name = ssh_key_type_to_char(ssh_key_type(key)) else { throw Failure.unsupported(path: path) }
        let line = "\(String(cString: name)) \(String(cString: text))"
        // Our own parser of public keys holds the rule about weak RSA keys and knows how fingerprints are written.
        let parsed: SSHPublicKey
        do throws(SSHPublicKey.Malformed) {
            parsed = try SSHPublicKey(openSSHLine: line)
        } catch .weakRSA {
            throw Failure.weakRSA(path: path)
        } catch {
            throw Failure.unsupported(path: path)
        }
        return SSHHostKey(algorithm: parsed.algorithm, fingerprint: try parsed.fingerprint(), publicKey: line)
    }

    private static func systemError() -> String { String(cString: strerror(errno)) }
}
