import Glibc
import Metadata

extension Examination {
    private static let leastFreeBytes: UInt64 = 1 << 30
    private static let leastFreePercent: UInt64 = 5
    private static let clockTolerance = 120

    /// Modes and owners of what must be private.
    func files(of directory: DataDirectory) -> [Finding] {
        var findings = [
            privacy("data directory", directory.path),
            privacy("secrets", directory.secrets),
            privacy("repositories", directory.repositories),
        ]
        if access(directory.database, F_OK) == 0 { findings.append(privacy("database file", directory.database)) }
        let key = directory.secrets + "/signing.key"
        if access(key, F_OK) == 0 { findings.append(privacy("signing key", key)) }
        return findings
    }

    /// Whether a file or directory is ours and nobody else's.
    func privacy(_ check: String, _ path: String) -> Finding {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return .problem(check, "cannot look at \(path): \(SystemError.text(errno))")
        }
        let mode = String(status.st_mode & 0o7777, radix: 8)
        guard status.st_uid == geteuid() else {
            return .problem(check, "\(path) belongs to user \(status.st_uid), not to \(geteuid()), who runs this")
        }
        guard status.st_mode & 0o077 == 0 else {
            return .problem(check, "\(path) is open to other users (mode 0\(mode)); run: chmod go-rwx \(path)")
        }
        return .ok(check, "\(path), mode 0\(mode)")
    }

    /// Free bytes and inodes on the file system of a directory.
    func diskSpace(_ check: String, _ path: String) -> Finding {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            return .problem(check, "unknown: \(SystemError.text(errno))")
        }
        let (size, free) = (UInt64(status.f_blocks), UInt64(status.f_bavail))
        let (freeBytes, overflow) = free.multipliedReportingOverflow(by: UInt64(status.f_frsize))
        let shown = "\(overflow ? "plenty" : "\(freeBytes >> 20) MiB") free"
        if !overflow, freeBytes < Self.leastFreeBytes {
            return .problem(check, "\(shown): pushes will fail soon")
        }
        let (inodes, freeInodes) = (UInt64(status.f_files), UInt64(status.f_favail))
        // Some file systems have no fixed number of inodes and say 0.
        if inodes > 0, freeInodes < inodes / 100 {
            return .problem(check, "\(shown), but under 1% of the inodes")
        }
        guard free >= size / 100 * Self.leastFreePercent else {
            return .warning(check, "\(shown), under \(Self.leastFreePercent)%")
        }
        return .ok(check, shown)
    }

    /// A clock behind the data gives tokens a longer life and sorts new things under old ones.
    func clock(against directory: DataDirectory) -> Finding {
        var status = stat()
        // Where the database is elsewhere, the last start of a server is what the clock may not be before.
        guard stat(directory.database, &status) == 0 || stat(directory.lock, &status) == 0 else {
            return .problem("clock", SystemError.text(errno))
        }
        let now = WallClock.now()
        guard now.seconds + Int64(Self.clockTolerance) >= Int64(status.st_mtim.tv_sec) else {
            return .problem("clock", "it says \(now), which is before the last change of the database; set the clock")
        }
        return .ok("clock", "\(now)")
    }
}
