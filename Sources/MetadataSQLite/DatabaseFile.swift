import Foundation
import Metadata

/// The file on disk, before SQLite sees it.
enum DatabaseFile {
    /// Makes the file for its owner alone, and takes the rights of others away from one that exists.
    ///
    /// SQLite gives `-wal` and `-shm` the mode of the file, so nobody else can read them even for a moment.
    /// - Throws: `unavailable` with the system's words.
    static func prepare(at path: String) throws(MetadataError) {
        // A file that exists is never opened here: closing it would release the locks that SQLite holds on it in this
        // process (fcntl(2), "Advisory record locking").
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, ownerOnly)
        if descriptor >= 0 {
            _ = Foundation.close(descriptor)
            return
        }
        guard errno == EEXIST else { throw failure(path) }
        for file in [path, path + "-wal", path + "-shm"] { try restrict(file) }
    }

    private static let ownerOnly: mode_t = 0o600

    private static func restrict(_ file: String) throws(MetadataError) {
        var status = stat()
        guard stat(file, &status) == 0 else {
            guard errno == ENOENT else { throw failure(file) }
            return
        }
        guard status.st_mode & 0o077 != 0 else { return }
        // Another process may just have folded the log away.
        guard chmod(file, ownerOnly) == 0 || errno == ENOENT else { throw failure(file) }
    }

    private static func failure(_ path: String) -> MetadataError {
        .unavailable("\(path): \(String(cString: strerror(errno)))")
    }
}
