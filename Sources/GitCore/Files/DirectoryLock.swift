import Glibc

extension Directories {
    /// Runs a short step while nobody else runs one for the same directory, in this process or another.
    ///
    /// Blocks its thread while others hold it, and must not be nested. The kernel lets go of it with a process that dies.
    package static func exclusively<Result>(in path: String, _ step: () throws -> Result) throws -> Result {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw FileError("flock", path) }
        }
        return try step()
    }
}
