/// What one archive may cost; not configurable.
struct ArchiveLimits {
    /// `argument` lines in one request, as stock git has it.
    var arguments = 64
    /// Bytes of one argument.
    var argumentBytes = 8_192
    /// Tree entries that are looked at: a few objects can make a tree of trees without end.
    var entries = 5_000_000
    /// Bytes of the archive before compression.
    var bytes: Int64 = 1 << 40
    /// Trees inside trees.
    var depth = 4_096
    /// Bytes of the trees from the root to where the walk is.
    var treeBytes = 256 << 20
    /// Bytes of one `.gitattributes`; larger ones are refused, because leaving them out could show what they hide.
    var attributesBytes = 4 << 20
}

/// Why a client gets no archive, or not all of it.
enum ArchiveRefusal: Error, Equatable {
    /// An option that is unknown or not for remote archives.
    case option(String)
    case missingTree
    case unknownFormat(String)
    case levelNotSupported(format: String, level: String)
    /// No ref that the client may see has this name.
    case noSuchRef(String)
    /// The ref has no such path, or the path is no directory.
    case notATree(String)
    case noMatch(String)
    /// A pathspec with magic, or one that leaves the tree.
    case pathspec(String, reason: String)
    case limit(String)

    /// A sentence for the client, in git's words where git has some.
    var message: String {
        switch self {
        case .option(let text): "option '\(text)' is not supported for remote archives"
        case .missingTree: "a branch or tag is needed"
        case .unknownFormat(let name): "Unknown archive format '\(name)'"
        case .levelNotSupported(let format, let level): "Argument not supported for format '\(format)': -\(level)"
        case .noSuchRef(let name): "no such ref: \(name)"
        case .notATree(let name): "not a tree object: \(name)"
        case .noMatch(let text): "pathspec '\(text)' did not match any files"
        case .pathspec(let text, let reason): "pathspec '\(text)': \(reason)"
        case .limit(let what): "the archive has more than \(what)"
        }
    }
}
