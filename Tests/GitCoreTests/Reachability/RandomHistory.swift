import GitCore
import GranaryTesting
import Testing

/// A repository of stock git with a random history: branches, merges, nested folders, tags of all kinds, dates that run
/// backwards now and then.
struct RandomHistory {
    let directory: TemporaryDirectory
    private var random: SeededRandom
    private var stream = ""
    /// The latest mark of each branch; marks are commits, in the order in which they were made.
    private var heads: [Int] = []
    private var mark = 0

    init(seed: UInt64, commits: Int) async throws {
        directory = try TemporaryDirectory("random-history")
        random = SeededRandom(seed)
        try await git(["init", "--quiet", "--bare", "--initial-branch=main", "."])
        for number in 0..<commits { addCommit(number) }
        for tag in 0..<3 { addTag("v\(tag)", of: random.below(mark) + 1) }
        try await git(["fast-import", "--quiet", "--force"], input: Array(stream.utf8))
        let tag = try await git(["rev-parse", "refs/tags/v0"])
        let ofTag = "object \(text(tag))\ntype tag\ntag vv\ntagger a <a@b> 1700000000 +0000\n\ntag of a tag\n"
        let outer = try await git(["hash-object", "-t", "tag", "-w", "--stdin"], input: Array(ofTag.utf8))
        try await git(["update-ref", "refs/tags/vv", text(outer)])
        let blob = try await git(["hash-object", "-w", "--stdin"], input: Array("only a tag has me\n".utf8))
        try await git(["update-ref", "refs/tags/blob", text(blob)])
        let tree = try await git(["rev-parse", "main^{tree}"])
        try await git(["update-ref", "refs/tags/tree", text(tree)])
    }

    private mutating func addCommit(_ number: Int) {
        let branch = heads.isEmpty ? 0 : random.below(min(4, heads.count + 1))
        let skew = random.below(12) == 0 ? -5_000 : 0
        mark += 1
        stream += "commit refs/heads/\(branch == 0 ? "main" : "side\(branch)")\nmark :\(mark)\n"
        stream += "committer a <a@b> \(1_600_000_000 + 100 * number + skew) +0000\ndata 2\nc\n"
        if branch < heads.count {
            stream += "from :\(heads[branch])\n"
        } else if !heads.isEmpty, random.below(5) != 0 {
            stream += "from :\(random.below(mark - 1) + 1)\n"
        }
        if branch < heads.count, heads.count > 1, random.below(4) == 0 {
            for _ in 0...random.below(3) {
                let other = random.below(mark - 1) + 1
                if other != heads[branch] { stream += "merge :\(other)\n" }
            }
        }
        for _ in 0...random.below(3) {
            let path = "d\(random.below(3))/e\(random.below(3))/f\(random.below(8))"
            if random.below(8) == 0 {
                stream += "D \(path)\n"
            } else {
                let seed = random.below(40)
                let content = (0..<60).map { "line \($0) \($0 == seed ? number : seed / 8)\n" }.joined()
                stream += "M 100644 inline \(path)\ndata \(content.utf8.count)\n\(content)\n"
            }
        }
        stream += "\n"
        if branch < heads.count { heads[branch] = mark } else { heads.append(mark) }
    }

    private mutating func addTag(_ name: String, of mark: Int) {
        stream += "tag \(name)\nfrom :\(mark)\ntagger a <a@b> 1700000000 +0000\ndata 2\nt\n"
    }

    /// Runs `git` in the repository and gives back its output.
    @discardableResult
    func git(_ arguments: [String], input: [UInt8] = []) async throws -> [UInt8] {
        var command = Command("git", ["-c", "core.fsync=none"] + arguments)
        command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": directory.path]
        command.directory = directory.path
        command.input = input
        return try await command.run().required().standardOutput
    }

    /// The ids that start the lines of what `git` says.
    func oids(_ arguments: [String], input: [UInt8] = []) async throws -> [ObjectID] {
        try await git(arguments, input: input).split(separator: 0x0a).compactMap { ObjectID(hex: $0.prefix(40)) }
    }

    /// Packs everything into one pack, and opens it.
    func packed(_ settings: [String] = [], arguments: [String] = []) async throws -> Pack {
        let settings = ["repack.writeBitmaps=false"] + settings
        try await git(settings.flatMap { ["-c", $0] } + ["repack", "-adfq", "--depth=20"] + arguments)
        let names = try Directories.names(in: packDirectory).filter { $0.hasSuffix(".pack") }
        let name = try #require(names.first)
        return try Pack(directory: packDirectory, name: String(name.dropLast(5)), files: PackFileCache(limit: 4))
    }

    var packDirectory: String { directory.path("objects/pack") }
}

/// Output of one line without its line end.
func text(_ output: [UInt8]) -> String {
    String(decoding: output.prefix { $0 != 0x0a }, as: UTF8.self)
}

extension Pack {
    /// The ids of a set of ranks.
    func oids(_ set: Bitset) -> Set<ObjectID> {
        var oids: Set<ObjectID> = []
        set.forEach { oids.insert(index.oid(at: order.position(atRank: $0))) }
        return oids
    }
}
