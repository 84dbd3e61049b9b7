import Metadata
import OpenSSLKit

/// Checks passwords on bounded threads and remembers right ones for a minute, so that each request of one git command
/// does not cost a hash.
///
/// What is remembered is an HMAC, under a key that no other process has, of the account, the stored hash and the password:
/// the password cannot be read from it, and it stops matching as soon as the stored hash changes. Whether the account is
/// disabled is for the caller to see. Equal checks that run at the same time are one.
actor PasswordVerifier {
    private static let rememberedMicroseconds: Int64 = 60_000_000
    private static let rememberedEntries = 4096

    private let workers: BoundedWorkers
    private let key: [UInt8]
    private let parameters: PasswordHash.Parameters
    private var remembered: [[UInt8]: Timestamp] = [:]
    private var running: [[UInt8]: Task<Bool, any Error>] = [:]

    /// - Parameters:
    ///   - workers: where hashing happens.
    ///   - key: random bytes of this process.
    ///   - costLogarithm: of new hashes, and of the work done for accounts without one.
    init(workers: BoundedWorkers, key: [UInt8], costLogarithm: Int) {
        self.workers = workers
        self.key = key
        parameters = .init(logarithm: costLogarithm, blockSize: 8, parallelization: 1)
    }

    /// A hash that no password is known for: the work it costs is what matters.
    private var decoy: String {
        let key = Base64.encode([UInt8](repeating: 0, count: 32), padded: false)
        let salt = Base64.encode([UInt8](repeating: 0, count: 16), padded: false)
        return "$scrypt$ln=\(parameters.logarithm),r=8,p=1$\(salt)$\(key)"
    }

    /// What a check found.
    struct Verdict: Sendable {
        /// Whether the password is the account's.
        var isRight: Bool
        /// Whether `willWork` was called, which counts an attempt.
        var wasCounted: Bool
    }

    /// Whether `password` is the one of `stored`.
    ///
    /// - Parameters:
    ///   - account: any text that stands for one account.
    ///   - stored: nil when there is no such account or it has no password; costs the same and is always wrong.
    ///   - willWork: called when a hash has to be computed, before it is; what it throws ends the check.
    /// - Throws: `HubError.limited` when too many passwords wait to be checked.
    func check(
        _ password: String,
        account: String,
        stored: String?,
        at now: Timestamp,
        willWork: @Sendable () throws -> Void
    ) async throws -> Verdict {
        let hash = stored ?? decoy
        let mark = try mark(account: account, hash: hash, password: password)
        if let expiry = remembered[mark], now < expiry { return Verdict(isRight: true, wasCounted: false) }
        if let task = running[mark] {
            return Verdict(isRight: try await task.value && stored != nil, wasCounted: false)
        }
        try willWork()
        hashesComputed += 1
        let task = Task { [workers] in
            try await Self.onWorkers(workers) { try PasswordHash.verify(Array(password.utf8), against: hash) }
        }
        running[mark] = task
        defer { running[mark] = nil }
        let isRight = try await task.value && stored != nil
        if isRight { remember(mark, at: now) }
        return Verdict(isRight: isRight, wasCounted: true)
    }

    /// How many checks have cost a hash so far.
    private(set) var hashesComputed = 0

    /// Hashes a new password with a new salt.
    ///
    /// - Throws: `HubError.limited` when too many passwords wait to be checked.
    func hash(_ password: String) async throws -> String {
        try await Self.onWorkers(workers) { [parameters] in
            try PasswordHash.hash(Array(password.utf8), parameters: parameters)
        }
    }

    private static func onWorkers<Value: Sendable>(
        _ workers: BoundedWorkers,
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        do {
            return try await workers.run(work)
        } catch is BoundedWorkers.Full {
            throw HubError(.limited(retryAfterSeconds: 2), "Too many logins at the same time. Try again in 2 seconds.")
        }
    }

    /// Lengths go in front, so that no two triples have one text.
    private func mark(account: String, hash: String, password: String) throws -> [UInt8] {
        let fields = [account, hash, password].map { "\($0.utf8.count):\($0)" }
        return try HMACSHA256.authenticationCode(for: Array(fields.joined().utf8), key: key)
    }

    private func remember(_ mark: [UInt8], at now: Timestamp) {
        if remembered.count >= Self.rememberedEntries {
            remembered = remembered.filter { now < $0.value }
            if remembered.count >= Self.rememberedEntries { remembered.removeAll() }
        }
        remembered[mark] = Timestamp(microseconds: now.microseconds + Self.rememberedMicroseconds)
    }
}
