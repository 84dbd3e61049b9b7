import CLinux
import Glibc

/// A directory of this machine that is imported from.
///
/// Its owner may be anybody, and change it meanwhile: the kernel sees to it that nothing outside is opened, whatever symbolic
/// links say, and what is neither file nor directory is not opened for long enough to matter.
package final class SourceTree: Sendable {
    /// As it was given.
    package let path: String
    private let descriptor: Int32

    /// The deepest directory.
    private static let depth = 100
    /// Entries of all directories.
    private static let largestCount = 1_000_000

    /// Opens a directory.
    ///
    /// - Throws: `HubError.notFound` or `.invalid` with the path.
    package init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit { close(descriptor) }

    /// Opens a file below the directory, through symbolic links that do not leave it.
    ///
    /// - Throws: `HubError` for anything but a regular file.
    func file(_ path: String) throws -> SourceFile {
        // A FIFO without a writer would be waited for.
        let opened = granary_open_beneath(descriptor, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard opened >= 0 else { throw Self.failure(path) }
        return try SourceFile(opened, path: path)
    }

    /// The names in a directory below, sorted by their bytes; symbolic links in front of it are not followed out.
    package func names(in directory: String) throws -> [SourceName] {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
        let opened = granary_open_beneath(descriptor, directory.isEmpty ? "." : directory, flags)
        guard opened >= 0 else { throw Self.failure(directory) }
        guard let stream = fdopendir(opened) else {
            close(opened)
            throw Self.failure(directory)
        }
        defer { closedir(stream) }
        var names: [SourceName] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strnlen($0, 255)))
                }
            }
            let bytes = name.map { UInt8(bitPattern: $0) }
            guard bytes != [0x2E], bytes != [0x2E, 0x2E] else { continue }
            guard names.count < Self.largestCount else { throw Self.tooMany }
            names.append(try Self.name(bytes, in: opened))
        }
        return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    private static func name(_ bytes: [UInt8], in directory: Int32) throws -> SourceName {
        var status = stat()
        let found = (bytes + [0]).withUnsafeBytes { buffer in
            buffer.bindMemory(to: CChar.self).baseAddress.map { fstatat(directory, $0, &status, AT_SYMLINK_NOFOLLOW) }
        }
        let kind: SourceName.Kind =
            switch status.st_mode & S_IFMT {
            case _ where found != 0: .other
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        return SourceName(bytes: bytes, kind: kind, modifiedAt: Int64(status.st_mtim.tv_sec))
    }

    /// Where a symbolic link leads, as it is written; nil for what is none.
    func target(of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { readlinkat(descriptor, path, $0, bytes.count) } ?? -1
        }
        return count > 0 ? String(validating: buffer[..<count], as: UTF8.self) : nil
    }

    /// All files below a directory, and what cannot be imported.
    ///
    /// Directories behind symbolic links are left out, so there are no cycles; so is what git and clients keep for themselves.
    func walk(_ top: String) throws -> (files: [String], problems: [ImportProblem]) {
        var (files, problems): ([String], [ImportProblem]) = ([], [])
        var waiting = [(path: "", depth: 0)]
        var seen = 0
        while let directory = waiting.popLast() {
            try Task.checkCancellation()
            let names = try names(in: Self.join(top, directory.path))
            seen += names.count
            guard seen <= Self.largestCount else { throw Self.tooMany }
            for name in names {
                let shown = Self.join(directory.path, String(decoding: name.bytes, as: UTF8.self))
                guard let text = String(validating: name.bytes, as: UTF8.self) else {
                    problems.append(ImportProblem(path: shown, reason: "its name is not UTF-8"))
                    continue
                }
                switch name.kind {
                case .directory where Self.isSkipped(text, in: directory.path): continue
                case .directory where directory.depth >= Self.depth:
                    problems.append(ImportProblem(path: shown, reason: "it is too deep"))
                case .directory: waiting.append((shown, directory.depth + 1))
                case .file, .link: files.append(shown)
                case .other: problems.append(ImportProblem(path: shown, reason: "it is no regular file"))
                }
            }
        }
        return (files.sorted(), problems)
    }

    /// `.git`, and where `hf download --local-dir` keeps its notes.
    private static func isSkipped(_ name: String, in directory: String) -> Bool {
        name == ".git" || name == "huggingface" && directory == ".cache"
    }

    /// Two paths as one; either may be empty.
    static func join(_ first: String, _ second: String) -> String {
        first.isEmpty ? second : second.isEmpty ? first : "\(first)/\(second)"
    }

    private static let tooMany = HubError(
        .tooLarge,
        "There are more than \(largestCount) entries. Import its directories one by one."
    )

    private static func failure(_ path: String, code: Int32 = errno) -> HubError {
        let reason = String(cString: strerror(code))
        return switch code {
        case ENOENT: HubError(.notFound, "'\(path)' does not exist.")
        case EXDEV: .invalid("'\(path)' is a symbolic link that leads out of the directory.")
        case ELOOP: .invalid("'\(path)' is a symbolic link that leads nowhere, or to a directory.")
        case ENOSYS: .invalid("Importing needs Linux 5.6 or newer (openat2).")
        default: .invalid("'\(path)' cannot be opened: \(reason).")
        }
    }
}

/// An entry of a directory.
package struct SourceName: Sendable {
    /// What is there, symbolic links not followed.
    package enum Kind: Sendable { case file, directory, link, other }

    /// The name.
    package let bytes: [UInt8]
    /// What is there.
    package let kind: Kind
    /// Seconds since 1970.
    package let modifiedAt: Int64
}

/// Why something is not imported.
package struct ImportProblem: Sendable, Equatable {
    /// Where, from the directory that is imported.
    package let path: String
    /// What follows the path in a sentence.
    package let reason: String
}
