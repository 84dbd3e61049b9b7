import NIOCore

/// Reads what a client of `git-upload-archive` asks for: `argument …` lines up to a flush-pkt.
///
/// - Source: git's `builtin/upload-archive.c`.
struct ArchiveRequestParser {
    private let limits: ArchiveLimits
    private var arguments: [[UInt8]] = []

    /// Whether no line was read yet, so that the end of the stream is a normal end.
    var isAtStart: Bool { arguments.isEmpty }

    init(limits: ArchiveLimits) {
        self.limits = limits
    }

    /// Takes one packet; the arguments once they are complete.
    mutating func receive(_ packet: PktLine) throws(RequestError) -> [[UInt8]]? {
        switch packet {
        case .flush:
            return arguments
        case .delim, .responseEnd:
            throw .unexpectedPacket(packet)
        case .data(let payload):
            let line = textLine(payload)
            guard let argument = line.argument(after: "argument "), !argument.contains(0) else {
                throw .unexpectedLine(line.excerpt)
            }
            guard argument.count <= limits.argumentBytes else {
                throw .argumentTooLong("argument", limit: limits.argumentBytes)
            }
            guard arguments.count < limits.arguments else { throw .tooMany("argument", limit: limits.arguments) }
            arguments.append(Array(argument))
            return nil
        }
    }
}

/// A kind of archive.
enum ArchiveFormat: Equatable {
    case tar
    /// A tar in a gzip stream.
    case tarGzip(name: String)
    case zip

    /// All names, in the order of git's `--list`.
    static let names = ["tar", "tgz", "tar.gz", "zip"]

    init(name: String) throws(ArchiveRefusal) {
        switch name {
        case "tar": self = .tar
        case "tgz", "tar.gz": self = .tarGzip(name: name)
        case "zip": self = .zip
        default: throw .unknownFormat(name.singleLine(limit: 40))
        }
    }
}

/// What the arguments of a request say.
struct ArchiveOptions: Equatable {
    /// Only the names of the formats are wanted.
    var isList = false
    var format = ArchiveFormat.tar
    /// Stands in front of every path; usually ends in a slash.
    var prefix: [UInt8] = []
    /// 0 through 9; nil for the usual.
    var level: Int32?
    var isVerbose = false
    /// `ref` or `ref:path`.
    var tree: [UInt8] = []
    var pathspecs: [[UInt8]] = []

    /// Reads the arguments as git's option parser does: options anywhere before `--`, the last one wins.
    ///
    /// - Throws: `ArchiveRefusal` for what is unknown, or refused to remote clients.
    init(parsing arguments: [[UInt8]]) throws(ArchiveRefusal) {
        var words: [[UInt8]] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument.isWord("--") {
                words += rest
                break
            }
            guard argument.first == UInt8(ascii: "-"), argument.count > 1 else {
                words.append(argument)
                continue
            }
            try take(argument, &rest)
        }
        guard !isList else { return }
        if let level {
            if format == .tar { throw .levelNotSupported(format: "tar", level: "\(level)") }
        }
        guard let tree = words.first, !tree.isEmpty else { throw .missingTree }
        self.tree = tree
        pathspecs = Array(words.dropFirst())
    }

    private mutating func take(_ option: [UInt8], _ rest: inout ArraySlice<[UInt8]>) throws(ArchiveRefusal) {
        if option.isWord("-l") || option.isWord("--list") {
            isList = true
        } else if option.isWord("-v") || option.isWord("--verbose") {
            isVerbose = true
        } else if option.isWord("--no-verbose") {
            isVerbose = false
        } else if let value = try value(of: "--format", option, &rest) {
            format = try ArchiveFormat(name: String(decoding: value, as: UTF8.self))
        } else if let value = try value(of: "--prefix", option, &rest) {
            prefix = value
        } else if option.dropFirst().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard option.count == 2 else {
                throw .levelNotSupported(format: "zip", level: String(decoding: option.dropFirst(), as: UTF8.self))
            }
            level = Int32(option[1] - UInt8(ascii: "0"))
        } else {
            throw .option(option.excerpt)
        }
    }

    /// The value of an option `name`, behind an equals sign or as the next argument; nil for another option.
    private func value(
        of name: String,
        _ option: [UInt8],
        _ rest: inout ArraySlice<[UInt8]>
    ) throws(ArchiveRefusal) -> [UInt8]? {
        guard option.starts(with: name.utf8) else { return nil }
        let tail = option.dropFirst(name.utf8.count)
        if tail.first == UInt8(ascii: "=") { return Array(tail.dropFirst()) }
        guard tail.isEmpty else { return nil }
        guard let value = rest.popFirst() else { throw .option(name) }
        return value
    }
}
