import Glibc
import Synchronization

/// Directories whose own names are known to be on stable storage, so that later objects need not wait for them again.
final class DurableDirectories: Sendable {
    private let known = Mutex(Set<String>())

    func contains(_ path: String) -> Bool { known.withLock { $0.contains(path) } }

    func insert(_ path: String) { known.withLock { _ = $0.insert(path) } }
}

extension FileObjectStore {
    /// Gives a finished, synchronised file its name, unless the object is there already.
    func publish(_ file: IncomingFile, as key: ObjectKey) throws {
        let (outer, inner) = layout.directories(of: key)
        try makeDurable(outer: outer, inner: inner)
        let path = layout.object(key)
        if link(file.path, path) != 0 {
            try publishWithoutLink(file, at: path, code: errno)
        }
        // Also when somebody else made the name: that put may not have come to this line yet.
        try StoreDirectories.synchronize(inner)
    }

    /// What to do when `link` answers with an error.
    private func publishWithoutLink(_ file: IncomingFile, at path: String, code: Int32) throws {
        switch code {
        case EEXIST:
            let status = try StoreDirectories.status(path)
            if status?.isFile == true, status?.size == file.size { return }
        // Damaged behind our back: what was just verified takes its place.
        case EPERM, ENOSYS, EOPNOTSUPP, EMLINK:
            // A file system without hard links: the rename may replace an object, by the same bytes.
            break
        default:
            throw FileFailure("link", path, code: code)
        }
        guard try StoreDirectories.rename(file.path, to: path) else { throw FileFailure("rename", path, code: ENOENT) }
    }

    /// Makes the two levels of directories, and waits until they are durable the first time this process sees them.
    ///
    /// Nothing ever removes them, so an entry once durable remains so.
    func makeDurable(outer: String, inner: String) throws {
        guard !durable.contains(inner) else { return }
        try StoreDirectories.create(outer)
        try StoreDirectories.create(inner)
        try StoreDirectories.synchronize(layout.objects)
        try StoreDirectories.synchronize(outer)
        durable.insert(inner)
    }

    /// Removes an object; false when it was not there.
    package func delete(_ key: ObjectKey) async throws -> Bool {
        try await pool.run { try StoreDirectories.removeFile(layout.object(key)) }
    }
}
