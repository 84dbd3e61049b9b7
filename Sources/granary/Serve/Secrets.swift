import Glibc
import OpenSSLKit

/// The random keys of an installation, made at its first start.
///
/// There is no default secret anywhere: what is signed by one installation means nothing to another.
struct Secrets: Sendable {
    /// 32 random bytes, from which each use that signs something derives its own key.
    let signingKey: [UInt8]

    private static let keyBytes = 32

    /// Reads the secrets, and makes those that do not exist.
    ///
    /// - Throws: `CommandFailure` when a file is not readable or has the wrong length: a key is never replaced silently.
    init(in directory: DataDirectory) throws {
        signingKey = try Self.key(at: directory.secrets + "/signing.key")
    }

    private static func key(at path: String) throws -> [UInt8] {
        let random = try RandomBytes.generate(keyBytes)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw failure(path, "cannot be created") }
            return try existingKey(at: path)
        }
        defer { close(descriptor) }
        let count = random.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count == keyBytes, fsync(descriptor) == 0 else {
            unlink(path)
            throw failure(path, "cannot be written")
        }
        return random
    }

    private static func existingKey(at path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "cannot be read") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: keyBytes + 1)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count == keyBytes else {
            throw CommandFailure(
                .failure,
                "\(path) is damaged: it must have \(keyBytes) bytes; restore it from a backup"
            )
        }
        return Array(bytes.prefix(keyBytes))
    }

    private static func failure(_ path: String, _ what: String) -> CommandFailure {
        CommandFailure(.failure, "\(path) \(what): \(SystemError.text(errno))")
    }
}
