import Access
import CLibSSH
import Dispatch
import GitCore
import HubCore
import Logging
import Metrics
import OpenSSLKit
import Synchronization

extension SSHConnection {
    /// Answers whether a key may log in.
    ///
    /// libssh asks twice: whether the key would do, and, once it has checked a signature by it, whether it does. Only the
    /// second logs anybody in.
    func authenticate(_ user: String, _ key: OpaquePointer, _ state: CChar) -> ssh_auth_e {
        guard login == nil, end == nil else { return SSH_AUTH_DENIED }
        let signature = Int32(state)
        let isProven = signature == SSH_PUBLICKEY_STATE_VALID.rawValue
        guard isProven || signature == SSH_PUBLICKEY_STATE_NONE.rawValue else {
            return refuse(user, nil, "the signature is wrong")
        }
        guard Self.isPlain(key), let fingerprint = Self.fingerprint(of: key) else {
            return refuse(user, nil, "the kind of key is not taken")
        }
        do {
            let accounts = surroundings.hub.accounts
            let found = try waitFor { try await accounts.login(keyFingerprint: fingerprint, userName: user) }
            guard isProven else { return SSH_AUTH_SUCCESS }
            try surroundings.table.logIn(number, as: found.gateClient)
            accept(found)
            return SSH_AUTH_SUCCESS
        } catch let error as ConnectionTable.Refusal {
            end = .account
            return refuse(user, fingerprint, error.rawValue)
        } catch {
            return refuse(user, fingerprint, (error as? HubError).map { "\($0.kind)" } ?? "\(error)")
        }
    }

    /// Counts a login without a key: clients send one to be told what is taken, some send one for each of their keys.
    func noteEmptyLogin() {
        emptyLogins += 1
        if emptyLogins > Self.emptyLoginLimit { end = end ?? .tries }
    }

    private static let emptyLoginLimit = 20

    private func accept(_ found: SSHLogin) {
        login = found
        Counter(label: "granary_ssh_logins_total", dimensions: [("outcome", "accepted")]).increment()
        surroundings.logger.info(
            "ssh login",
            metadata: [
                "connection": "\(name)", "client": "\(handle.address)", "actor": "\(found.actor.auditName)",
                "key": "\(found.fingerprint)",
                "software": "\(ssh_get_clientbanner(session).map { String(cString: $0).singleLine(limit: 100) } ?? "")",
            ]
        )
    }

    private func refuse(_ user: String, _ fingerprint: String?, _ reason: String) -> ssh_auth_e {
        refusedKeys += 1
        if refusedKeys >= surroundings.limits.tries { end = end ?? .tries }
        Counter(label: "granary_ssh_logins_total", dimensions: [("outcome", "refused")]).increment()
        surroundings.logger.info(
            "ssh key refused",
            metadata: [
                "connection": "\(name)", "client": "\(handle.address)", "user": "\(user.singleLine(limit: 64))",
                "key": "\(fingerprint ?? "-")", "reason": "\(reason)",
            ]
        )
        return SSH_AUTH_DENIED
    }

    /// Whether a key is of a kind that accounts can have; certificates are not, because nobody checks who signed them.
    private static func isPlain(_ key: OpaquePointer) -> Bool {
        switch ssh_key_type(key) {
        case SSH_KEYTYPE_ED25519, SSH_KEYTYPE_RSA, SSH_KEYTYPE_ECDSA_P256, SSH_KEYTYPE_ECDSA_P384,
            SSH_KEYTYPE_ECDSA_P521, SSH_KEYTYPE_SK_ECDSA, SSH_KEYTYPE_SK_ED25519:
            true
        default: false
        }
    }

    /// "SHA256:" and the unpadded base64 of the key's digest, as keys are stored.
    private static func fingerprint(of key: OpaquePointer) -> String? {
        var hash: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == SSH_OK else { return nil }
        defer { ssh_clean_pubkey_hash(&hash) }
        return "SHA256:" + Base64.encode(Array(UnsafeBufferPointer(start: hash, count: length)), padded: false)
    }

    /// Waits, on the connection's own thread, for something asynchronous.
    private func waitFor<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let answer = Answer<Value>()
        Task {
            do { answer.set(.success(try await body())) } catch { answer.set(.failure(error)) }
        }
        return try answer.wait()
    }
}

/// The result of a task, for a thread that waits for it.
private final class Answer<Value: Sendable>: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<Value, any Error>?>(nil)

    func set(_ value: Result<Value, any Error>) {
        result.withLock { $0 = value }
        semaphore.signal()
    }

    func wait() throws -> Value {
        semaphore.wait()
        guard let value = result.withLock({ $0 }) else { throw CancellationError() }
        return try value.get()
    }
}
