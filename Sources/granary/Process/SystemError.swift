import Glibc

/// Texts of system error numbers.
enum SystemError {
    /// The system's own words for `code`.
    static func text(_ code: Int32) -> String {
        // glibc keeps the answer per thread, and nothing suspends before it is copied.
        guard let words = strerror(code) else { return "error \(code)" }
        return String(cString: words)
    }
}
