import Glibc

/// The few directory operations that a repository needs, each with its durability stated.
package enum Directories {
    /// Makes one directory, mode 0700; an existing directory is fine, anything else there is an error.
    package static func create(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) == 0 { return }
        let code = errno
        var status = stat()
        if code == EEXIST, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        throw FileError("mkdir", path, code: code)
    }

    /// Returns when the names in `path` are on stable storage.
    package static func synchronize(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("fsync", path) }
    }

    /// The names in a directory without `.` and `..`, unordered; empty when there is no such directory.
    package static func names(in path: String) throws(FileError) -> [String] {
        guard let stream = opendir(path) else {
            if errno == ENOENT { return [] }
            throw FileError("opendir", path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Renames over whatever stands at the new name; atomic, durable only after `synchronize` of the directory.
    package static func rename(_ old: String, to new: String) throws(FileError) {
        guard Glibc.rename(old, new) == 0 else { throw FileError("rename", new) }
    }

    /// Gives a file that never changes one more name; where the file system has no such names, it is copied.
    ///
    /// - Parameter durable: whether a copy waits for stable storage; the name is durable only after `synchronize`.
    package static func link(_ old: String, to new: String, durable: Bool) throws {
        if Glibc.link(old, new) == 0 { return }
        let code = errno
        guard [EPERM, EOPNOTSUPP, EMLINK, EXDEV].contains(code) else { throw FileError("link", new, code: code) }
        let (source, target) = (try OpenFile(reading: old), try OpenFile(creating: new))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while true {
            let count = try source.read(into: buffer, at: position)
            guard count > 0 else { break }
            try target.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: position)
            position += Int64(count)
        }
        if durable { try target.synchronize() }
    }

    /// Removes a file or a directory with all in it; missing is fine.
    ///
    /// Symbolic links are removed, not followed.
    package static func removeTree(_ path: String) throws(FileError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw FileError("lstat", path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            guard unlink(path) == 0 || errno == ENOENT else { throw FileError("unlink", path) }
            return
        }
        for name in try names(in: path) { try removeTree(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw FileError("rmdir", path) }
    }

    /// Takes the right to write to a file from everybody.
    package static func makeReadOnly(_ path: String) throws(FileError) {
        guard chmod(path, 0o400) == 0 else { throw FileError("chmod", path) }
    }

    /// Says when a file was last written: seconds and nanoseconds since 1970, as one number of nanoseconds.
    package static func setModificationTime(_ path: String, _ nanoseconds: Int64) throws(FileError) {
        let time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(max(0, nanoseconds % 1_000_000_000))
        )
        guard utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW) == 0 else {
            throw FileError("utimensat", path)
        }
    }

    /// Nanoseconds since 1970 of the last change to a file, or to the names in a directory; nil when it is missing.
    package static func modificationTime(_ path: String) -> Int64? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    }

    /// Replaces the content of a small file in one step; `durable` waits for stable storage.
    package static func replaceFile(_ path: String, with content: [UInt8], durable: Bool) throws(FileError) {
        let temporary = path + ".new"
        unlink(temporary)
        let file = try OpenFile(creating: temporary)
        var failure: FileError?
        content.withUnsafeBytes { bytes in
            do throws(FileError) { try file.write(bytes, at: 0) } catch { failure = error }
        }
        if let failure { throw failure }
        if durable { try file.synchronize() }
        try rename(temporary, to: path)
    }

    /// The content of a small file; nil when it is missing, an error when it is larger than `limit` bytes.
    package static func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
        let file: OpenFile
        do {
            file = try OpenFile(reading: path)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        let size = try file.size()
        guard size <= Int64(limit) else { throw FileError("read", path, code: EFBIG) }
        var failure: FileError?
        let content = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            do throws(FileError) {
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return content
    }
}
