import Glibc
package import Logging
package import NIOPosix
import Synchronization

/// Credentials that another program keeps in a file, and renews there: those of a session, for instance.
///
/// The file is read again every few seconds, and at once when the store refuses what was read. What cannot be used, such
/// as a file that is half written, changes nothing.
package final class S3CredentialsFile: S3CredentialsSource {
    private struct State {
        var credentials: S3Credentials
        /// When the file was looked at last, in seconds since 1970.
        var readAt: Int64
        /// What was wrong with it then.
        var problem: String?
    }

    private let path: String
    private let pool: BlockingPool
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private let state: Mutex<State>

    /// A larger file is another one.
    package static let maximumBytes = 64 << 10
    /// Seconds between two looks at the file; and when the session ends within `ahead` seconds.
    private static let (interval, shortInterval, ahead): (Int64, Int64, Int64) = (10, 1, 300)

    /// Reads the file for the first time; blocks, for the start of the program.
    ///
    /// - Parameters:
    ///   - pool: runs what waits for the disk later.
    ///   - now: seconds since 1970.
    package init(
        _ path: String,
        pool: NIOThreadPool = .singleton,
        now: @escaping @Sendable () -> Int64 = S3Environment.system().now,
        logger: Logger
    ) throws(S3CredentialsError) {
        state = Mutex(State(credentials: try Self.read(path), readAt: now()))
        self.path = path
        self.pool = BlockingPool(pool: pool)
        self.now = now
        self.logger = logger
    }

    /// What was in the file some seconds ago.
    package func current() async -> S3Credentials {
        let time = now()
        let isDue = state.withLock { state in
            let isNearEnd = state.credentials.expiresAt.map { $0 - time < Self.ahead } ?? false
            // A clock that was set back must not keep the file from being read.
            guard abs(time - state.readAt) >= (isNearEnd ? Self.shortInterval : Self.interval) else { return false }
            state.readAt = time
            return true
        }
        if isDue { await readAgain() }
        return state.withLock { $0.credentials }
    }

    /// What is in the file now, unless that is the same.
    package func replacement(for refused: S3Credentials) async -> S3Credentials? {
        if state.withLock({ $0.credentials }) == refused { await readAgain() }
        let credentials = state.withLock { $0.credentials }
        return credentials == refused ? nil : credentials
    }

    private func readAgain() async {
        let (path, time) = (path, now())
        do {
            let credentials = try await pool.run { try Self.read(path) }
            let isNew = state.withLock { state in
                defer { (state.credentials, state.readAt, state.problem) = (credentials, time, nil) }
                return state.credentials != credentials
            }
            if isNew { logger.notice("the S3 store's credentials were renewed", metadata: ["file": "\(path)"]) }
        } catch {
            let problem = "\(error)"
            let isNew = state.withLock { state in
                defer { state.problem = problem }
                return state.problem != problem
            }
            guard isNew else { return }
            logger.warning(
                "the S3 store's credentials cannot be read; the old ones stay",
                metadata: ["file": "\(path)", "error": "\(problem)"]
            )
        }
    }

    /// Reads the file, also through symbolic links, by which some programs exchange it at once.
    private static func read(_ path: String) throws(S3CredentialsError) -> S3Credentials {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        var count = 0
        while count < bytes.count {
            let read = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw .unreadable(errno) }
            guard read > 0 else { break }
            count += read
        }
        guard count <= maximumBytes else { throw .tooLarge }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else { throw .notText }
        return try S3Credentials(text: text)
    }
}
