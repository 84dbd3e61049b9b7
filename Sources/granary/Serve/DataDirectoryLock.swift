import Glibc

/// The right to serve a data directory.
///
/// The kernel takes it back when the process ends, however it ends.
final class DataDirectoryLock: Sendable {
    private let descriptor: Int32

    private static let attempts = 20
    private static let pauseMicroseconds: UInt32 = 100_000

    /// Takes the lock, or gives up after two seconds: a server that was just killed may still be on its way out.
    ///
    /// Blocks; call it at start.
    /// - Throws: `served` with the other server's process id.
    init(of directory: DataDirectory) throws(DataDirectory.Failure) {
        let descriptor = open(directory.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(errno, doing: "open \(directory.lock)") }
        var reason: Int32 = EWOULDBLOCK
        for attempt in 0..<Self.attempts where reason == EWOULDBLOCK {
            if attempt > 0 { usleep(Self.pauseMicroseconds) }
            reason = flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno
        }
        guard reason == 0 else {
            let other = Self.text(of: descriptor)
            close(descriptor)
            guard reason == EWOULDBLOCK else { throw .system(reason, doing: "lock \(directory.lock)") }
            throw .served(directory.path, by: other)
        }
        self.descriptor = descriptor
        let line = Array("\(getpid())\n".utf8)
        // The number is only a hint for people; the lock itself is what counts.
        if ftruncate(descriptor, 0) == 0 {
            _ = line.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        }
    }

    deinit { close(descriptor) }

    /// The process id of the server on a directory, as it wrote it; nil when none runs.
    static func holder(of directory: DataDirectory) -> String? {
        let descriptor = open(directory.lock, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
        return text(of: descriptor)
    }

    private static func text(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let digits = bytes.prefix(max(0, count)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }
}
