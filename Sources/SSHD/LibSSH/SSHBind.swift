import CLibSSH
import Glibc

/// libssh's template of a server's session: host keys and algorithms.
///
/// Used by the one thread that accepts connections.
final class SSHBind {
    private let bind: OpaquePointer

    /// The smallest RSA key that may sign, in bits.
    private static let rsaBits: Int32 = 2_048

    /// - Parameter banner: what follows "SSH-2.0-" in the server's first line.
    init(hostKeys: HostKeys, banner: String) throws {
        guard let bind = ssh_bind_new() else { throw LibSSHError("make a server") }
        self.bind = bind
        // Nothing is read from the machine's own libssh configuration.
        try set(SSH_BIND_OPTIONS_PROCESS_CONFIG, false)
        try set(SSH_BIND_OPTIONS_RSA_MIN_SIZE, Self.rsaBits)
        try set(SSH_BIND_OPTIONS_BANNER, banner)
        try set(SSH_BIND_OPTIONS_KEY_EXCHANGE, Algorithms.keyExchange)
        try set(SSH_BIND_OPTIONS_CIPHERS_C_S, Algorithms.ciphers)
        try set(SSH_BIND_OPTIONS_CIPHERS_S_C, Algorithms.ciphers)
        try set(SSH_BIND_OPTIONS_HMAC_C_S, Algorithms.macs)
        try set(SSH_BIND_OPTIONS_HMAC_S_C, Algorithms.macs)
        try set(SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, Algorithms.userKeys)
        for key in try hostKeys.loadOffered() {
            guard ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, UnsafeRawPointer(key)) == SSH_OK else {
                ssh_key_free(key)
                throw LibSSHError("use a host key", of: bind)
            }
        }
        // After the keys: libssh takes those names that it has a key for.
        try set(SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, hostKeys.signatures)
    }

    deinit { ssh_bind_free(bind) }

    /// Makes the session of an accepted connection.
    ///
    /// The descriptor is the session's afterwards; when there is no session, it is closed.
    func session(takingOver descriptor: Int32) throws -> OpaquePointer {
        guard let session = ssh_new() else {
            close(descriptor)
            throw LibSSHError("make a session")
        }
        do {
            try Self.restrict(session)
            guard ssh_bind_accept_fd(bind, session, descriptor) == SSH_OK else {
                throw LibSSHError("accept a connection", of: bind)
            }
        } catch {
            // libssh may have failed before it took the descriptor or after, and closes what it took.
            let isTaken = ssh_get_fd(session) == descriptor
            ssh_free(session)
            if !isTaken { close(descriptor) }
            throw error
        }
        return session
    }

    /// What has no option in a bind, but has one in a session.
    private static func restrict(_ session: OpaquePointer) throws {
        let none = Algorithms.compression.joined(separator: ",")
        guard ssh_options_set(session, SSH_OPTIONS_COMPRESSION, none) == SSH_OK else {
            throw LibSSHError("turn compression off", of: session)
        }
        // New keys after a GiB or an hour; the session's keepalives see to it that an idle one gets there.
        var bytes: UInt64 = 1 << 30
        var seconds: UInt32 = 3_600
        guard ssh_options_set(session, SSH_OPTIONS_REKEY_DATA, &bytes) == SSH_OK,
            ssh_options_set(session, SSH_OPTIONS_REKEY_TIME, &seconds) == SSH_OK
        else { throw LibSSHError("set the limits of a key", of: session) }
    }

    private func set(_ option: ssh_bind_options_e, _ names: [String]) throws {
        try set(option, names.joined(separator: ","))
    }

    private func set(_ option: ssh_bind_options_e, _ text: String) throws {
        guard ssh_bind_options_set(bind, option, text) == SSH_OK else {
            throw LibSSHError("offer \(text)", of: bind)
        }
    }

    private func set<Value>(_ option: ssh_bind_options_e, _ value: Value) throws where Value: BitwiseCopyable {
        let isSet = withUnsafePointer(to: value) { ssh_bind_options_set(bind, option, UnsafeRawPointer($0)) == SSH_OK }
        guard isSet else { throw LibSSHError("set an option", of: bind) }
    }
}
