import GitCore
import GranaryTesting
import NIOCore
import Testing

/// The same random history in a repository of stock git and in one of ours, and clients that fetch from both.
struct FetchWorkshop {
    /// How our repository came to hold the history.
    enum Storage: CaseIterable, Sendable {
        /// One push, everything reachable.
        case onePush
        /// Several pushes with thin packs.
        case pushes
        /// One push, with bitmaps and commit-graph.
        case bitmaps
        /// Several pushes; the first pack has bitmaps.
        case oldBitmaps
        /// Several pushes, and objects that nothing leads to.
        case unreachable
    }

    let history: RandomHistory
    let workshop: Workshop
    let refs: [Ref]
    let commits: [ObjectID]
    let cache: PackCache
    private let storage: Storage

    /// Where packs for several clients are produced.
    private static let executor = GitExecutor(threads: 2)

    init(
        seed: UInt64,
        _ storage: Storage,
        cache limits: PackCache.Limits = PackCache.Limits(),
        now: @escaping @Sendable () -> Int64 = testContext.now
    ) async throws {
        self.storage = storage
        cache = PackCache(limits: limits, executor: Self.executor, now: now)
        history = try await RandomHistory(seed: seed, commits: 80)
        try await history.git(["config", "uploadpack.allowFilter", "true"])
        try await history.git(["config", "uploadpack.allowAnySHA1InWant", "true"])
        workshop = try Workshop()
        commits = try await history.oids(["rev-list", "--all", "--date-order"])
        refs = try await history.refs()
        try await store()
    }

    private func store() async throws {
        let isSplit = storage != .onePush && storage != .bitmaps
        let cuts = isSplit ? [commits.count * 2 / 3, commits.count / 3] : []
        var known: [ObjectID] = []
        for cut in cuts {
            try await push(commits[cut...].map { $0 }, known)
            if known.isEmpty, storage == .oldBitmaps { try await writeBitmaps() }
            known = commits[cut...].map { $0 }
        }
        try await push(refs.map(\.oid), known)
        if storage == .bitmaps { try await writeBitmaps() }
        if storage == .unreachable { try publishStray("nothing leads here") }
    }

    /// Stores an object that nothing leads to, in a pack of its own.
    func publishStray(_ text: String) throws {
        var builder = PackBuilder()
        let blob = try builder.add(.blob, Array(text.utf8))
        try publish(try builder.finish(), tips: [blob])
    }

    private func push(_ tips: [ObjectID], _ known: [ObjectID]) async throws {
        let lines = tips.map(\.hex) + known.map { "^" + $0.hex }
        let arguments = ["pack-objects", "--revs", "--stdout", "--thin", "--delta-base-offset", "-q"]
        try publish(try await history.git(arguments, input: Array(lines.joined(separator: "\n").utf8)), tips: tips)
    }

    private func publish(_ pack: [UInt8], tips: [ObjectID]) throws {
        let quarantine = try workshop.quarantine()
        try workshop.receive(pack, piece: .max, into: quarantine, tips: tips)
        try quarantine.publish()
        quarantine.settle()
    }

    private func writeBitmaps() async throws {
        let packs = workshop.repository.packs
        let set = try packs.current()
        let pack = try #require(set.packs.first)
        let tips = commits.filter { set.contains($0) }
        let path = "\(packs.path)/\(pack.name).bitmap"
        let count = try await PackBitmapBuilder(pack).write(Array(tips.prefix(3)), path: path)
        #expect(count > 0)
        let table = CommitTable(try ObjectReader(set))
        #expect(try CommitGraphWriter.write(tips, table: table, path: packs.graphPath) == tips.count)
    }

    /// Few enough that bitmaps are asked, too.
    private var limits: GitLimits {
        var limits = GitLimits.standard
        limits.commitsWithoutBitmaps = 10
        return limits
    }

    /// A request of version 2 whose sender has negotiated enough.
    static func request(_ arguments: [String]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writePktLine("command=fetch")
        buffer.writePktLine("object-format=sha1")
        buffer.writeDelimPkt()
        for argument in arguments { buffer.writePktLine(argument) }
        buffer.writePktLine("done")
        buffer.writeFlushPkt()
        return buffer
    }

    /// What our server says to a request of version 2.
    ///
    /// - Parameter isShared: whether those who ask the same get the same pack.
    func ours(_ request: ByteBuffer, isShared: Bool) async throws -> FetchAnswer {
        let duplex = Duplex()
        try await serve(request, isShared: isShared, to: duplex)
        return try FetchAnswer(duplex.answered)
    }

    /// Answers a request of version 2.
    func serve(_ request: ByteBuffer, isShared: Bool, to sink: any ByteSink) async throws {
        let client = Duplex()
        client.send(Array(request.readableBytesView))
        client.hangUp()
        let settled = try workshop.repository.settledPacks()
        let server = UploadPack(
            repository: workshop.repository,
            snapshot: RefSnapshot(
                refs: refs,
                headTarget: try RefName(validating: "refs/heads/main".utf8),
                generation: 1,
                everyObjectReachable: storage != .unreachable
            ),
            context: GitContext(
                limits: limits,
                agent: "granary/test",
                packCache: isShared ? cache : nil,
                now: testContext.now
            ),
            isStateless: true,
            settled: settled
        )
        _ = try await server.serve(.v2, input: client.input, to: sink)
    }

    /// What stock git says to it.
    func theirs(_ request: ByteBuffer) async throws -> FetchAnswer {
        var command = Command("git", ["upload-pack", "--stateless-rpc", "."])
        command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": history.directory.path, "GIT_PROTOCOL": "version=2"]
        command.directory = history.directory.path
        command.input = Array(request.readableBytesView)
        return try FetchAnswer(ByteBuffer(bytes: try await command.run().required().standardOutput))
    }

    /// The objects that a list of commits leads to.
    func closure(of oids: [ObjectID]) async throws -> Set<ObjectID> {
        guard !oids.isEmpty else { return [] }
        let input = Array(oids.map(\.hex).joined(separator: "\n").utf8)
        return Set(try await history.oids(["rev-list", "--objects", "--stdin"], input: input))
    }
}

/// An answer of version 2 to `fetch`, taken apart.
struct FetchAnswer {
    /// Lines of the sections before the pack, without acknowledgments.
    var lines: [String] = []
    var pack: [UInt8] = []

    init(_ answer: ByteBuffer) throws {
        var decoder = PktLineDecoder()
        decoder.append(answer)
        var isPack = false
        while let packet = try decoder.next() {
            guard case .data(let payload) = packet else { continue }
            let bytes = Array(payload.readableBytesView)
            if isPack {
                if bytes.first == 1 { pack += bytes.dropFirst() }
                try #require(bytes.first != 3, "\(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            let line = String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
            try #require(!line.hasPrefix("ERR"), "\(line)")
            if line == "packfile" { isPack = true } else { lines.append(line) }
        }
    }
}

/// What a client of stock git has.
struct FetchClient {
    let directory: TemporaryDirectory
    private(set) var objects: Set<ObjectID> = []

    init() async throws {
        directory = try TemporaryDirectory("fetch-client")
        try await git(["init", "--quiet", "--bare", "."])
    }

    @discardableResult
    func git(_ arguments: [String], input: [UInt8] = []) async throws -> [UInt8] {
        var command = Command("git", ["-c", "core.fsync=none"] + arguments)
        command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": directory.path]
        command.directory = directory.path
        command.input = input
        return try await command.run().required().standardOutput
    }

    /// Stores a pack beside what the client has; everything it then has.
    mutating func take(_ pack: [UInt8]) async throws -> Set<ObjectID> {
        guard pack.count > 32 else { return objects }
        let said = try await git(["index-pack", "--stdin", "--fix-thin"], input: pack)
        let name = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isWhitespace).last ?? ""
        let index = try Directories.readFile(directory.path("objects/pack/pack-\(name).idx"), limit: 1 << 26)
        let listed = try await git(["show-index"], input: try #require(index))
        for line in String(decoding: listed, as: UTF8.self).split(separator: "\n") {
            objects.insert(try #require(ObjectID(hex: String(line.split(separator: " ")[1]))))
        }
        return objects
    }
}
