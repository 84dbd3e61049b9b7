import GitCore
import GranaryTesting
import Testing

/// A repository on disk with nothing in it, and packs of stock git to push into it.
struct Workshop {
    let files: TemporaryDirectory
    let repository: GitRepository

    init() throws {
        files = try TemporaryDirectory("quarantine")
        repository = GitRepository(path: files.path("r.git"), files: PackFileCache(limit: 8))
        try repository.create(head: try RefName(validating: "refs/heads/main".utf8))
    }

    func quarantine(_ name: String = "q", deltaThreads: Int = 1) throws -> Quarantine {
        var limits = GitLimits.standard
        limits.deltaThreads = deltaThreads
        limits.deltasPerThread = 1
        return try Quarantine(
            parent: repository.quarantinePath,
            name: name,
            packs: repository.packs,
            visible: nil,
            limits: limits
        )
    }

    /// Hands a pack over in pieces of `piece` bytes, and takes all steps up to the verdict.
    func receive(_ pack: [UInt8], piece: Int, into quarantine: Quarantine, tips: [ObjectID] = []) throws {
        var rest = pack[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(piece))
            try chunk.withUnsafeBytes { try quarantine.receive($0) }
            rest = rest.dropFirst(chunk.count)
        }
        try quarantine.finishReceiving()
        while try quarantine.resolveSome(10) {}
        try quarantine.verify(tips)
    }

    /// A pack with deltas, and the id of its youngest commit.
    ///
    /// - Parameters:
    ///   - padding: blocks of about 50 kB behind the lines of each of the four files.
    ///   - naming: how deltas name their bases: `--delta-base-offset`, or `--no-delta-base-offset` for ids.
    static func stockPack(
        padding: Int = 0,
        commits: Int = 30,
        naming: String = "--delta-base-offset"
    ) async throws -> (git: TemporaryDirectory, pack: [UInt8], tip: ObjectID) {
        let folder = try TemporaryDirectory("stock-pack")
        func git(_ arguments: String..., input: [UInt8] = []) async throws -> [UInt8] {
            var command = Command("git", arguments)
            command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": folder.path]
            command.directory = folder.path
            command.input = input
            return try await command.run().required().standardOutput
        }
        _ = try await git("init", "--quiet", "--bare", "--initial-branch=main", ".")
        // Like real text it shrinks to a third; more would look like a bomb.
        let block = (1...2_000).map { "\(String($0 &* 2_654_435_761 % 4_294_967_291, radix: 36)) stays as it is\n" }
        let end = String(repeating: padding > 0 ? block.joined() : "", count: padding)
        var stream = ""
        for commit in 0..<commits {
            stream += "commit refs/heads/main\ncommitter a <a@b> \(1_700_000_000 + commit) +0000\ndata 2\nc\n"
            for file in 0..<4 {
                let content = (0..<200).map { "line \($0) of \(file) \($0 == commit ? commit : 0)\n" }.joined() + end
                stream += "M 100644 inline d\(file % 2)/f\(file)\ndata \(content.utf8.count)\n\(content)\n"
            }
        }
        _ = try await git("fast-import", "--quiet", input: Array(stream.utf8))
        let pack = try await git("pack-objects", "--all", "--stdout", naming, "-q", "--window=20")
        let tip = try await git("rev-parse", "main")
        return (folder, pack, try #require(ObjectID(hex: tip.dropLast())))
    }
}

@Suite struct QuarantineTests {
    @Test(arguments: [1, 7, 100, 4_096, .max])
    func writesTheIndexThatGitWrites(piece: Int) async throws {
        let (folder, pack, tip) = try await Workshop.stockPack()
        let workshop = try Workshop()
        let quarantine = try workshop.quarantine()
        try workshop.receive(pack, piece: piece, into: quarantine, tips: [tip])
        #expect(quarantine.isCovered(by: [tip]))
        #expect(!quarantine.isCovered(by: []))
        try await compareWithGit(workshop, pack, folder)
        try quarantine.publish()
        quarantine.settle()
        let reader = try ObjectReader(workshop.repository.packs.current())
        #expect(try reader.object(tip, as: .commit).bytes.isEmpty == false)
        #expect(try Directories.names(in: workshop.repository.quarantinePath).isEmpty)
    }

    /// However many threads rebuild the deltas: of small files, and of such as only one thread has at a time.
    @Test(
        arguments: [1, 2, 4],
        [(0, 60, "--delta-base-offset"), (0, 60, "--no-delta-base-offset"), (125, 4, "-q")]
    )
    func severalThreadsWriteTheSameIndex(threads: Int, form: (padding: Int, commits: Int, naming: String)) async throws
    {
        let (folder, pack, tip) = try await Workshop.stockPack(
            padding: form.padding,
            commits: form.commits,
            naming: form.naming
        )
        let workshop = try Workshop()
        let quarantine = try workshop.quarantine(deltaThreads: threads)
        try workshop.receive(pack, piece: .max, into: quarantine, tips: [tip])
        #expect(quarantine.isCovered(by: [tip]))
        try await compareWithGit(workshop, pack, folder)
        quarantine.discard()
    }

    /// Bases out of the repository are found by several threads, of which one at a time reads there.
    @Test(arguments: [1, 4])
    func thinPacksAreCompleted(threads: Int) async throws {
        let (folder, _, tip) = try await Workshop.stockPack()
        func packed(_ revisions: String) async throws -> [UInt8] {
            var command = Command("git", ["pack-objects", "--thin", "--stdout", "-q", "--revs", "--window=20"])
            command.directory = folder.path
            command.input = Array(revisions.utf8)
            return try await command.run().required().standardOutput
        }
        let workshop = try Workshop()
        for (number, revisions) in ["main~15\n", "main\n^main~15\n"].enumerated() {
            let quarantine = try workshop.quarantine("q\(number)", deltaThreads: threads)
            try workshop.receive(try await packed(revisions), piece: .max, into: quarantine)
            try quarantine.publish()
            quarantine.settle()
        }
        let set = try workshop.repository.packs.current()
        #expect(set.contains(tip))
        for pack in set.packs {
            var command = Command("git", ["index-pack", "--strict", "--stdin"])
            command.directory = folder.path
            let path = "\(workshop.repository.packs.path)/\(pack.name).pack"
            command.input = try #require(try Directories.readFile(path, limit: 1 << 26))
            #expect(try await command.run().succeeded, "\(pack.name) does not stand for itself")
        }
    }

    /// What a pack lacks is missed by whichever thread meets it.
    @Test(arguments: [1, 4])
    func basesThatAreNowhereAreMissed(threads: Int) async throws {
        let (folder, _, _) = try await Workshop.stockPack()
        var command = Command("git", ["pack-objects", "--thin", "--stdout", "-q", "--revs", "--window=20"])
        command.directory = folder.path
        command.input = Array("main\n^main~15\n".utf8)
        let pack = try await command.run().required().standardOutput
        let workshop = try Workshop()
        let quarantine = try workshop.quarantine(deltaThreads: threads)
        #expect(throws: PackRefusal.self) { try workshop.receive(pack, piece: .max, into: quarantine) }
        quarantine.discard()
        #expect(try Directories.names(in: workshop.repository.quarantinePath).isEmpty)
    }

    /// Compares the index in quarantine with the one that git writes for the pack.
    private func compareWithGit(_ workshop: Workshop, _ pack: [UInt8], _ folder: TemporaryDirectory) async throws {
        let path = try folder.write("stock.pack", pack)
        var command = Command("git", ["index-pack", "--rev-index", path])
        command.directory = folder.path
        try await command.run().required()
        for ending in ["idx", "rev"] {
            let ours = workshop.files.contents("r.git/quarantine/q/incoming.\(ending)")
            #expect(ours == folder.contents("stock.\(ending)"), "\(ending)")
        }
    }

    @Test func keepsWhatIsDiscardedFromReaders() async throws {
        let (_, pack, tip) = try await Workshop.stockPack()
        let workshop = try Workshop()
        let quarantine = try workshop.quarantine()
        try workshop.receive(pack, piece: 1_000, into: quarantine, tips: [tip])
        #expect(try !workshop.repository.packs.current().contains(tip))
        quarantine.discard()
        #expect(try workshop.repository.packs.current().packs.isEmpty)
    }

    /// A crash between publishing and the change of the refs leaves a directory without a pack.
    @Test func tellsTheSweepThatSomethingWasPublished() async throws {
        let (_, pack, tip) = try await Workshop.stockPack()
        let workshop = try Workshop()
        #expect(try !workshop.repository.sweep())
        let quarantine = try workshop.quarantine()
        try workshop.receive(pack, piece: 1_000, into: quarantine, tips: [tip])
        try quarantine.publish()
        #expect(try workshop.repository.sweep())
        #expect(try !workshop.repository.sweep())
        #expect(try workshop.repository.packs.current().contains(tip))
    }
}
