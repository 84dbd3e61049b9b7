package import Access
package import GitCore
package import LFS

/// What a client may ask for over SSH.
package enum SSHCommand: Sendable, Equatable {
    /// `git-upload-pack PATH` or `git-receive-pack PATH`.
    case git(GitService, RepositoryAddress)
    /// `git-upload-archive PATH`.
    case archive(RepositoryAddress)
    /// `git-lfs-authenticate PATH upload|download`.
    case lfsAuthenticate(RepositoryAddress, LFSOperation)
    /// `git-lfs-transfer PATH upload|download`.
    case lfsTransfer(RepositoryAddress, LFSOperation)

    /// Why a command is not served.
    package enum Refusal: Error, Sendable, Equatable {
        /// The text is not a list of words.
        case malformed(ShellWords.Malformed)
        /// Its first word names nothing that is offered.
        case unknown
        /// Too few or too many operands; the form that is right.
        case usage(String)
        /// The operand is no repository's path.
        case path

        /// One sentence for the client.
        package var message: String {
            switch self {
            case .malformed(let reason): reason.description
            case .unknown:
                "this command is not offered; git-upload-pack, git-receive-pack, git-upload-archive and "
                    + "git-lfs-authenticate are"
            case .usage(let form): "usage: \(form)"
            case .path: "the path is not NAMESPACE/NAME or TYPE/NAMESPACE/NAME"
            }
        }

        /// 127 is a shell's word for a command that does not exist: git-lfs goes on to its next way by it.
        package var exitStatus: Int32 { self == .unknown ? 127 : 128 }
    }

    /// Reads an exec request's command.
    package init(parsing text: some Collection<UInt8>) throws(Refusal) {
        var words: ArraySlice<[UInt8]>
        do throws(ShellWords.Malformed) { words = try ShellWords.split(text)[...] } catch { throw .malformed(error) }
        guard let name = Self.popName(&words) else { throw .unknown }
        switch name {
        case "git-upload-pack": self = .git(.uploadPack, try Self.path(only: words, name))
        case "git-receive-pack": self = .git(.receivePack, try Self.path(only: words, name))
        case "git-upload-archive": self = .archive(try Self.path(only: words, name))
        case "git-lfs-authenticate":
            let (address, operation) = try Self.lfsOperands(words, name)
            self = .lfsAuthenticate(address, operation)
        case "git-lfs-transfer":
            let (address, operation) = try Self.lfsOperands(words, name)
            self = .lfsTransfer(address, operation)
        default: throw .unknown
        }
    }

    /// The command's name for logs and metrics: a word from a fixed list.
    package var name: String {
        switch self {
        case .git(let service, _): service.rawValue
        case .archive: "git-upload-archive"
        case .lfsAuthenticate: "git-lfs-authenticate"
        case .lfsTransfer: "git-lfs-transfer"
        }
    }

    /// The repository that is meant.
    package var address: RepositoryAddress {
        switch self {
        case .git(_, let address), .archive(let address), .lfsAuthenticate(let address, _),
            .lfsTransfer(let address, _):
            address
        }
    }

    /// `git-upload-pack`, or `git` and `upload-pack`, as some clients write it.
    private static func popName(_ words: inout ArraySlice<[UInt8]>) -> String? {
        guard let first = words.popFirst() else { return nil }
        let name = String(decoding: first, as: UTF8.self)
        guard name == "git", let second = words.popFirst() else { return name }
        return "git-" + String(decoding: second, as: UTF8.self)
    }

    private static func path(only words: ArraySlice<[UInt8]>, _ name: String) throws(Refusal) -> RepositoryAddress {
        guard words.count == 1, let word = words.first else { throw .usage("\(name) PATH") }
        return try address(word)
    }

    private static func lfsOperands(
        _ words: ArraySlice<[UInt8]>,
        _ name: String
    ) throws(Refusal) -> (RepositoryAddress, LFSOperation) {
        guard words.count == 2, let path = words.first, let last = words.last,
            let operation = LFSOperation(rawValue: String(decoding: last, as: UTF8.self))
        else { throw .usage("\(name) PATH upload|download") }
        return (try address(path), operation)
    }

    /// A path as in URLs: with or without leading slash, type and ".git".
    ///
    /// - Source: git's `ssh://host/path` has the slash, `host:path` has not.
    private static func address(_ word: [UInt8]) throws(Refusal) -> RepositoryAddress {
        guard let text = String(validating: word, as: UTF8.self), text.utf8.count <= 512 else { throw .path }
        var segments = text.split(separator: "/", omittingEmptySubsequences: false)[...]
        if segments.first?.isEmpty == true { segments = segments.dropFirst() }
        let type = segments.count == 3 ? segments.popFirst().flatMap { RepositoryType(pathSegment: $0) } : .model
        guard let type, segments.count == 2, let namespace = segments.first, let last = segments.last else {
            throw .path
        }
        let name = last.hasSuffix(".git") ? last.dropLast(4) : last
        do throws(RepositoryAddress.Malformed) {
            return try RepositoryAddress(type: type, checkingNamespace: namespace, name: name)
        } catch {
            throw .path
        }
    }
}
