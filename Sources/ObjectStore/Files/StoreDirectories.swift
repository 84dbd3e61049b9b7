import Glibc

/// The operations on names that the store needs, each with its durability stated.
package enum StoreDirectories {
    /// What stands at a name.
    package struct Status {
        var size: Int64
        /// Seconds since 1970.
        var modifiedAt: Int64
        var isDirectory: Bool
        var isFile: Bool
        var device: UInt64
    }

    /// Looks without following symbolic links; nil when nothing is there.
    package static func status(_ path: String) throws(FileFailure) -> Status? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw FileFailure("lstat", path)
        }
        return Status(
            size: Int64(status.st_size),
            modifiedAt: Int64(status.st_mtim.tv_sec),
            isDirectory: status.st_mode & S_IFMT == S_IFDIR,
            isFile: status.st_mode & S_IFMT == S_IFREG,
            device: UInt64(status.st_dev)
        )
    }

    /// Makes one directory, mode 0700; one that exists is fine.
    package static func create(_ path: String) throws(FileFailure) {
        if mkdir(path, 0o700) == 0 { return }
        let code = errno
        if code == EEXIST, let status = try status(path), status.isDirectory { return }
        throw FileFailure("mkdir", path, code: code)
    }

    /// Returns when the names in `path` are on stable storage.
    package static func synchronize(_ path: String) throws(FileFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFailure("fsync", path) }
    }

    /// The names in a directory without `.` and `..`, sorted by their bytes; empty when there is no such directory.
    package static func names(in path: String) throws(FileFailure) -> [String] {
        guard let stream = opendir(path) else {
            if errno == ENOENT { return [] }
            throw FileFailure("opendir", path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Renames over whatever stands at the new name; false when nothing stands at the old one.
    package static func rename(_ old: String, to new: String) throws(FileFailure) -> Bool {
        guard Glibc.rename(old, new) == 0 else {
            if errno == ENOENT { return false }
            throw FileFailure("rename", new)
        }
        return true
    }

    /// Removes a file; false when it is not there.
    package static func removeFile(_ path: String) throws(FileFailure) -> Bool {
        guard unlink(path) == 0 else {
            if errno == ENOENT { return false }
            throw FileFailure("unlink", path)
        }
        return true
    }

    /// Removes a file or a directory with all in it; missing is fine, symbolic links are removed and not followed.
    package static func removeTree(_ path: String) throws(FileFailure) {
        guard let status = try status(path) else { return }
        guard status.isDirectory else {
            _ = try removeFile(path)
            return
        }
        for name in try names(in: path) { try removeTree(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw FileFailure("rmdir", path) }
    }

    /// Sets a file's time of modification to now; false when it is not there.
    package static func touch(_ path: String) throws(FileFailure) -> Bool {
        guard utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return false }
            throw FileFailure("utimensat", path)
        }
        return true
    }

    /// Bytes that may still be written to the file system below `path`; nil when it does not say.
    package static func freeBytes(_ path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? nil : Int64(clamping: bytes)
    }
}
