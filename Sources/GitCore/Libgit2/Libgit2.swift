import CLibgit2

/// A failed call of libgit2.
package struct Libgit2Error: Error, Sendable, Equatable {
    /// The return code, below zero: `GIT_ENOTFOUND` is -3.
    package var code: Int32
    /// What was being done, in our words.
    package var action: String
    /// What libgit2 says itself; it may name paths, so it is for the log and not for clients.
    package var detail: String

    /// Whether the thing asked for does not exist.
    package var isNotFound: Bool { code == GIT_ENOTFOUND.rawValue }

    /// Makes an error.
    package init(code: Int32, action: String, detail: String) {
        self.code = code
        self.action = action
        self.detail = detail
    }
}

/// The library as a whole: its start, its settings, its errors.
package enum Libgit2 {
    /// Bytes of parsed objects that libgit2 may cache, over all repositories.
    package static let cacheBytes = 64 << 20

    /// Starts the library; only the first call does something.
    ///
    /// No configuration of the machine or of a user is ever read.
    /// - Throws: the error of the first call, every time.
    package static func start() throws(Libgit2Error) {
        if let startupError { throw startupError }
    }

    /// The error of the one start.
    ///
    /// Swift runs this once, however many threads ask. libgit2 is never shut down.
    private static let startupError: Libgit2Error? = {
        do throws(Libgit2Error) {
            try configure()
            return nil
        } catch {
            return error
        }
    }()

    private static func configure() throws(Libgit2Error) {
        // Answers how often it was called, so anything above zero is good.
        try check(git_libgit2_init(), while: "starting libgit2")
        for level in [
            GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
        ] {
            try check(granary_git2_set_search_path(level.rawValue, ""), while: "clearing a configuration path")
        }
        try check(granary_git2_set_cache_max_size(cacheBytes), while: "limiting the object cache")
    }

    /// Turns a return code below zero into an error and gives back any other.
    ///
    /// Call it in the expression that holds the C call: libgit2 keeps its error text per thread, for the next failure.
    @discardableResult
    package static func check(_ code: Int32, while action: @autoclosure () -> String) throws(Libgit2Error) -> Int32 {
        guard code < 0 else { return code }
        throw Libgit2Error(code: code, action: action(), detail: lastErrorText())
    }

    private static func lastErrorText() -> String {
        guard let error = git_error_last(), let text = error.pointee.message else { return "no details" }
        return String(cString: text)
    }
}
