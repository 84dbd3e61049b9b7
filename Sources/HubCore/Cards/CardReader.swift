import Access
import GitCore
import JSON
import Metadata

/// Reads what a repository's files say about it: the card, configuration files, names, and the headers of weights.
struct CardReader {
    let files: Files

    /// The longest README.md that is read, in bytes.
    private static let longestReadme = 4 << 20

    /// What was read from git.
    private struct Contents: Sendable {
        var commit: ObjectID
        var committedAt: Timestamp
        var readme: [UInt8]?
        var configurations: [String: [UInt8]] = [:]
        var names: [String] = []
        var weights: [WeightFile] = []
        /// Whether there were more weights than were to be looked at.
        var isPartial = false
    }

    /// Reads a commit.
    ///
    /// - Parameters:
    ///   - commit: one that a revision was found to mean; nil for the default branch's.
    ///   - mostWeights: how many files of weights are looked at; with more, none is. They may lie far away.
    /// - Throws: `HubError.notFound` about the revision; `LFSFailure` when the store of large files cannot be reached.
    func read(_ scene: Files.Scene, commit: ObjectID? = nil, mostWeights: Int) async throws -> CardFacts {
        let most = scene.record.type == .model ? mostWeights : 0
        let contents = try await files.look(into: scene, commit) { commit, browser in
            try Self.contents(commit, browser, mostWeights: most)
        }
        let weights = try await WeightReader(files: files, repositoryID: scene.record.id).count(contents.weights)
        return try await files.git.onExecutor {
            var facts = CardFacts(
                scene.record.type,
                Self.description(contents),
                weights: weights,
                commit: contents.commit,
                committedAt: contents.committedAt
            )
            facts.isPartial = contents.isPartial
            facts.gitBytes = try scene.repository.files.packs.current().packs.reduce(0) { $0 + $1.size }
            return facts
        }
    }

    private static func contents(
        _ commit: ObjectID,
        _ browser: FileBrowser,
        mostWeights: Int
    ) throws -> Contents {
        let date = Timestamp(microseconds: 0).adding(seconds: browser.seconds)
        var contents = Contents(commit: commit, committedAt: date)
        let root = try browser.cache.directory(browser.root, browser.reader)
        contents.readme = try browser.content(of: "README.md", in: root, limit: longestReadme)
        for name in ModelConfiguration.names {
            contents.configurations[name] = try browser.content(
                of: name,
                in: root,
                limit: ModelConfiguration.longestFile
            )
        }
        contents.names = try FileNames(browser).all()
        guard mostWeights > 0 else { return contents }
        let weights = try WeightFile.names(in: root, browser)
        contents.isPartial = weights.count > mostWeights
        guard !contents.isPartial else { return contents }
        do {
            contents.weights = try WeightFile.all(weights, in: root, browser, headerBytes: WeightReader.mostBytes)
        } catch is WeightFile.TooLarge {
            contents.weights = []
        }
        return contents
    }

    /// Parses what was read; what is broken is absent.
    private static func description(_ contents: Contents) -> RepositoryFiles {
        var files = RepositoryFiles(names: contents.names)
        if let readme = contents.readme {
            let matter = FrontMatter.find(in: readme)
            files.card = matter.flatMap { try? YAMLReader.metadata($0.yaml) }
            files.papers = PaperMentions.find(in: readme[(matter?.rest ?? 0)...])
        }
        files.configuration.model = parse(contents.configurations["config.json"])
        files.configuration.tokenizer = parse(contents.configurations["tokenizer_config.json"])
        return files
    }

    private static func parse(_ bytes: [UInt8]?) -> JSONValue? {
        guard let bytes else { return nil }
        return try? JSONValue(parsing: bytes, limits: JSONLimits(bytes: ModelConfiguration.longestFile))
    }
}

extension FileBrowser {
    /// The content of a file in a directory; nil when there is none, it is no regular file, or it is longer than `limit`.
    func content(of name: String, in directory: Directory, limit: Int) throws -> [UInt8]? {
        guard let index = directory.index(of: Array(name.utf8)) else { return nil }
        let entry = directory.entries[index]
        guard entry.kind == .file, entry.mode & FileMode.typeMask != FileMode.symlink else { return nil }
        guard let location = reader.packs.locate(entry.oid) else { throw PackError.missing(entry.oid) }
        return try reader.objectInMemory(at: location, limit: limit)?.bytes
    }
}

/// The paths of a revision's files, for what can be told by names: not more than some thousands.
private struct FileNames {
    private static let most = 20_000
    private static let deepest = 64

    private let browser: FileBrowser
    private var names: [String] = []
    /// Files and directories that may still be looked at: a few trees inside one another can be a file each of billions.
    private var left = Self.most

    init(_ browser: FileBrowser) {
        self.browser = browser
    }

    func all() throws -> [String] {
        var walk = self
        try walk.enter(try browser.cache.directory(browser.root, browser.reader), "", 0)
        return walk.names
    }

    /// Files of a directory come before those inside its directories, so that what is at the root is always there.
    private mutating func enter(_ directory: Directory, _ prefix: String, _ depth: Int) throws {
        try Task.checkCancellation()
        for entry in directory.entries where entry.kind == .file {
            guard left > 0 else { return }
            left -= 1
            names.append(prefix + String(decoding: entry.name, as: UTF8.self))
        }
        guard depth < Self.deepest else { return }
        for entry in directory.entries where entry.kind == .directory {
            guard left > 0 else { return }
            left -= 1
            let inner = try browser.cache.directory(entry.oid, browser.reader)
            try enter(inner, prefix + String(decoding: entry.name, as: UTF8.self) + "/", depth + 1)
        }
    }
}
