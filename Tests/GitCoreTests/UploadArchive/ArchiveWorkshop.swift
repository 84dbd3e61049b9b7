import GitCore
import GranaryTesting
import NIOCore
import Testing

/// A repository that stock git has filled, and archives of it: git's and ours.
struct ArchiveWorkshop {
    let files: TemporaryDirectory
    private let repository: GitRepository
    private let snapshot: RefSnapshot
    private var limits = GitLimits.standard

    /// Fills a repository with a stream for `git fast-import`.
    ///
    /// - Parameter memory: larger blobs go through temporary files.
    init(_ stream: String, memory: Int? = nil) async throws {
        files = try TemporaryDirectory("archive")
        repository = GitRepository(path: files.path("r.git"), files: PackFileCache(limit: 8))
        try repository.create(head: try RefName(validating: "refs/heads/main".utf8))
        if let memory { limits.objectBytesInMemory = memory }
        let importing = ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--force"]
        _ = try await Self.git(files, importing, input: Array(stream.utf8))
        _ = try await Self.git(files, ["-c", "pack.writeReverseIndex=true", "repack", "-adq"])
        let format = "%(objectname) %(refname) %(*objectname)"
        let lines = try await Self.git(files, ["for-each-ref", "--format=\(format)"])
        let refs = try String(decoding: lines, as: UTF8.self).split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            let oid = try #require(ObjectID(hex: words[0]))
            let peeled = words.count > 2 ? ObjectID(hex: words[2]) : nil
            return Ref(name: try RefName(lenient: words[1].utf8), oid: oid, peeled: peeled)
        }
        snapshot = RefSnapshot(
            refs: refs,
            headTarget: try RefName(validating: "refs/heads/main".utf8),
            generation: 1,
            everyObjectReachable: true
        )
    }

    private static func git(
        _ files: TemporaryDirectory,
        _ arguments: [String],
        input: [UInt8] = []
    ) async throws -> [UInt8] {
        var command = Command("git", ["-c", "core.fsync=none"] + arguments)
        command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": files.path]
        command.directory = files.path("r.git")
        command.input = input
        return try await command.run().required().standardOutput
    }

    /// What stock git prints.
    func git(_ arguments: [String]) async throws -> [UInt8] {
        try await Self.git(files, arguments)
    }

    /// What the server says to a list of arguments.
    ///
    /// - Parameter time: what a directory without a commit gets.
    func ask(_ arguments: [String], time: Int64 = 0) async -> ArchiveAnswer {
        let lines = arguments.map { PktLine.data(ByteBuffer(string: "argument \($0)\n")) }
        return await ask(lines: lines + [.flush], time: time)
    }

    /// What the server says to packets, from a client that keeps its half of the channel open.
    func ask(lines: [PktLine], time: Int64 = 0) async -> ArchiveAnswer {
        let duplex = Duplex()
        duplex.send(Array(wire(lines).readableBytesView))
        let context = GitContext(limits: limits, agent: "granary/test", now: testContext.now)
        let server = UploadArchive(repository: repository, snapshot: snapshot, context: context, time: time)
        let error: (any Error)?? = await within(seconds: 300) {
            do {
                _ = try await server.serve(input: duplex.input, to: duplex)
                return nil
            } catch {
                return error
            }
        }
        if error == nil { Issue.record("the server waits for something") }
        return ArchiveAnswer(duplex.answered, error: error ?? nil)
    }
}

/// The answer of `git-upload-archive`, taken apart.
struct ArchiveAnswer {
    /// The first line.
    private(set) var verdict = ""
    private(set) var archive: [UInt8] = []
    private(set) var remarks = ""
    private(set) var failure = ""
    /// Whether the answer is framed as it should be up to its end.
    private(set) var isComplete = false
    let error: (any Error)?

    init(_ bytes: ByteBuffer, error: (any Error)?) {
        self.error = error
        var packets = Pkt.parse(Array(bytes.readableBytesView))[...]
        verdict = packets.popFirst()?.text ?? ""
        guard packets.popFirst() == .flush else { return }
        while case .data(let payload)? = packets.first {
            packets = packets.dropFirst()
            switch payload.first {
            case 1: archive += payload.dropFirst()
            case 2: remarks += String(decoding: payload.dropFirst(), as: UTF8.self)
            default: failure += String(decoding: payload.dropFirst(), as: UTF8.self)
            }
        }
        isComplete = Array(packets) == [.flush]
    }
}

/// Writes streams for `git fast-import`.
struct ImportStream {
    private(set) var text = ""
    private var commits = 0

    /// Begins a commit that takes over nothing from the one before.
    mutating func commit(to ref: String = "refs/heads/main", time: Int = 1_700_000_000) {
        commits += 1
        text += "commit \(ref)\ncommitter a <a@b> \(time + commits) +0200\ndata 2\nc\ndeleteall\n"
    }

    /// Adds a file, link or submodule; the path may be written with C escapes between quotes.
    mutating func add(_ path: String, _ content: String = "content\n", mode: String = "100644") {
        guard mode != "160000" else {
            text += "M 160000 \(String(repeating: "1", count: 40)) \(path)\n"
            return
        }
        text += "M \(mode) inline \(path)\ndata \(content.utf8.count)\n\(content)\n"
    }

    mutating func tag(_ name: String, _ ref: String) {
        text += "tag \(name)\nfrom \(ref)\ntagger a <a@b> 1700009999 +0000\ndata 2\nt\n"
    }
}
