import CLinux
import Glibc

/// What the process changes about itself before anything else.
enum ProcessSetup {
    /// For every command: files that it makes are private.
    static func makeFilesPrivate() { umask(0o077) }

    /// For the server: neither of two signals ends the process.
    ///
    /// A client that hangs up is an error of one write; and SIGHUP, which means "read again", may come before `Reload`
    /// listens for it.
    static func ignoreHangUps() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
    }

    /// Raises the number of open files to what the system allows: every connection and every pack is one.
    ///
    /// - Returns: the limit that now holds.
    @discardableResult
    static func raiseFileDescriptorLimit() -> UInt64 {
        var limit = rlimit()
        guard getrlimit(fileDescriptors, &limit) == 0 else { return 0 }
        let before = UInt64(limit.rlim_cur)
        limit.rlim_cur = limit.rlim_max
        return setrlimit(fileDescriptors, &limit) == 0 ? UInt64(limit.rlim_max) : before
    }

    /// For the server, before it has threads: one arena of the heap for each core, where the C library would make eight.
    ///
    /// What is freed in an arena is used again by the threads of that arena alone, so that each keeps some megabytes which
    /// nobody uses. As many threads as there are cores run at a time; more arenas would save no waiting.
    static func limitHeap() {
        granary_limit_arenas(Int32(clamping: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }

    /// The current and the highest possible number of open files.
    static func fileDescriptorLimits() -> (current: UInt64, maximum: UInt64) {
        var limit = rlimit()
        guard getrlimit(fileDescriptors, &limit) == 0 else { return (0, 0) }
        return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }

    private static var fileDescriptors: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
