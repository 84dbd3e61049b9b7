import Glibc
import Synchronization

/// Held while a name in `quarantine` comes, goes or is judged by its age.
final class QuarantineLock: Sendable {
    private let mutex = Mutex(())

    func withLock<Value: Sendable>(_ body: () throws -> Value) rethrows -> Value {
        try mutex.withLock { _ in try body() }
    }
}

extension FileObjectStore {
    /// Moves an object into `quarantine`; the file's time of modification then says since when it is there.
    package func quarantine(_ key: ObjectKey) async throws -> Bool {
        let (path, target) = (layout.object(key), layout.quarantined(key))
        return try await pool.run {
            try quarantineLock.withLock {
                guard try StoreDirectories.touch(path) else { return false }
                return try StoreDirectories.rename(path, to: target)
            }
        }
    }

    /// Moves an object back; when it was uploaded again meanwhile, the quarantined copy is dropped.
    package func restore(_ key: ObjectKey) async throws -> Bool {
        let (path, target) = (layout.quarantined(key), layout.object(key))
        return try await pool.run {
            try quarantineLock.withLock {
                guard try StoreDirectories.touch(path) else { return false }
                let (outer, inner) = layout.directories(of: key)
                try makeDurable(outer: outer, inner: inner)
                if link(path, target) == 0 || errno == EEXIST {
                    _ = try StoreDirectories.removeFile(path)
                } else {
                    // A file system without hard links.
                    guard try StoreDirectories.rename(path, to: target) else { return false }
                }
                try StoreDirectories.synchronize(inner)
                return true
            }
        }
    }

    /// Deletes what has been in quarantine for longer.
    package func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int {
        try await remove(from: layout.quarantine, olderThanSeconds: olderThanSeconds)
    }

    /// Removes what uploads have left behind that were under way when the process ended.
    ///
    /// For the one process that writes here, before it takes the first upload.
    package func removeTemporaries() async throws -> Int {
        try await remove(from: layout.temporaries, olderThanSeconds: 0)
    }

    /// Removes temporaries and multipart uploads that were last touched longer ago.
    package func sweep(olderThanSeconds: Int64) async throws -> Int {
        let temporaries = try await remove(from: layout.temporaries, olderThanSeconds: olderThanSeconds)
        return try await temporaries + remove(from: layout.multipart, olderThanSeconds: olderThanSeconds)
    }

    /// Removes the entries of a directory whose time of modification is longer ago, one job each.
    private func remove(from directory: String, olderThanSeconds: Int64) async throws -> Int {
        let limit = now().subtractingReportingOverflow(max(0, olderThanSeconds)).partialValue
        var count = 0
        for name in try await pool.run({ try StoreDirectories.names(in: directory) }) {
            try Task.checkCancellation()
            let path = directory + "/" + name
            let isRemoved = try await pool.run {
                try quarantineLock.withLock {
                    guard let status = try StoreDirectories.status(path), status.modifiedAt <= limit else {
                        return false
                    }
                    try StoreDirectories.removeTree(path)
                    return true
                }
            }
            if isRemoved { count += 1 }
        }
        return count
    }
}
