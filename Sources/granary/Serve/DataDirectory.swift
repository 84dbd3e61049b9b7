import Glibc

/// The directory that holds everything a server keeps, and the names in it.
struct DataDirectory: Sendable {
    /// The directory itself, as configured.
    let path: String

    /// The SQLite database.
    var database: String { path + "/granary.sqlite" }
    /// Random keys made at the first start, each a file of mode 0600.
    var secrets: String { path + "/secrets" }
    /// The repositories, by id.
    var repositories: String { path + "/repositories" }
    /// Large files by SHA-256, unless the configuration names another place.
    var objects: String { path + "/objects" }
    /// Held by the one server that may run on the directory.
    var lock: String { path + "/granary.lock" }

    /// The path from the root, with symbolic links resolved and no slash at its end.
    func absolutePath() throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else { throw .system(errno, doing: "find \(path)") }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Why the directory cannot be used.
    enum Failure: Error, CustomStringConvertible {
        case system(Int32, doing: String)
        case notADirectory(String)
        case notOurs(String)
        case openToOthers(String, mode: mode_t)
        case nothingThere(String)
        case served(String, by: String)

        /// One sentence for the person.
        var description: String {
            switch self {
            case .system(let code, let doing): "cannot \(doing): \(SystemError.text(code))"
            case .notADirectory(let path): "\(path) is not a directory"
            case .notOurs(let path): "\(path) belongs to another user"
            case .openToOthers(let path, let mode):
                "\(path) holds other files and is open to other users (mode 0\(String(mode, radix: 8))); "
                    + "choose another directory, or make it private: chmod 700 \(path)"
            case .nothingThere(let path):
                "there is no Granary data in \(path); give --data DIR, or start `granary serve` once to create it"
            case .served(let path, let process): "\(path) is already served by process \(process)"
            }
        }

        /// The exit code.
        var status: ExitStatus {
            switch self {
            case .system: .failure
            case .notADirectory, .notOurs, .openToOthers, .nothingThere: .usage
            case .served: .conflict
            }
        }
    }

    /// A directory that a server has used before.
    /// - Parameter hasDatabase: whether the database is in it.
    init(existing path: String, hasDatabase: Bool = true) throws(Failure) {
        self.path = path
        guard access(hasDatabase ? database : lock, F_OK) == 0 else { throw .nothingThere(path) }
    }

    /// Creates the directory and its parents, or makes sure that an existing one is private.
    ///
    /// - Parameter warn: is told when the mode of an existing directory had to be tightened.
    init(preparing path: String, warn: (String) -> Void) throws(Failure) {
        self.path = path
        if try !Self.exists(path) {
            try Self.makeWithParents(path)
        }
        try Self.makePrivate(path, isKnown: access(lock, F_OK) == 0 || access(database, F_OK) == 0, warn: warn)
        for inner in [secrets, repositories] {
            guard mkdir(inner, 0o700) == 0 || errno == EEXIST else { throw .system(errno, doing: "create \(inner)") }
            try Self.makePrivate(inner, isKnown: true, warn: warn)
        }
    }

    private static func exists(_ path: String) throws(Failure) -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return true }
        guard errno == ENOENT else { throw .system(errno, doing: "look at \(path)") }
        return false
    }

    private static func makeWithParents(_ path: String) throws(Failure) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            let part = String(path[..<end])
            // EEXIST of a file shows at the next level or in `makePrivate`.
            guard mkdir(part, 0o700) == 0 || errno == EEXIST || errno == EISDIR else {
                throw .system(errno, doing: "create \(part)")
            }
        }
    }

    private static func makePrivate(_ path: String, isKnown: Bool, warn: (String) -> Void) throws(Failure) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system(errno, doing: "look at \(path)") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory(path) }
        let mode = status.st_mode & 0o7777
        guard status.st_uid == geteuid() else { throw .notOurs(path) }
        guard mode & 0o077 != 0 else { return }
        // Taking everybody's access from a directory such as /tmp would break more than it protects.
        if !isKnown, try !isEmpty(path) { throw .openToOthers(path, mode: mode) }
        guard chmod(path, 0o700) == 0 else { throw .system(errno, doing: "make \(path) private") }
        warn("\(path) was open to other users (mode 0\(String(mode, radix: 8))) and is now 0700")
    }

    private static func isEmpty(_ path: String) throws(Failure) -> Bool {
        guard let directory = opendir(path) else { throw .system(errno, doing: "read \(path)") }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if ![".", "..", "lost+found"].contains(name) { return false }
        }
        return true
    }
}
