/// A `git fast-import` stream: the quickest way to a large repository.
///
/// - Source: git-fast-import(1).
package struct FastImport: Sendable {
    /// The stream so far.
    package private(set) var bytes: [UInt8] = []
    private var mark = 0

    /// An empty stream.
    package init() {}

    /// Adds a commit.
    ///
    /// - Parameters:
    ///   - branch: the full ref name.
    ///   - files: paths with contents that are added or replaced.
    ///   - date: seconds since 1970.
    /// - Returns: the mark of the commit.
    @discardableResult
    package mutating func commit(
        _ branch: String,
        _ files: [(path: String, content: [UInt8])],
        date: Int,
        message: String
    ) -> Int {
        mark += 1
        text("commit \(branch)\nmark :\(mark)\n")
        text("committer A U Thor <author@example.com> \(date) +0000\n")
        data(Array(message.utf8))
        for file in files {
            text("M 100644 inline \(file.path)\n")
            data(file.content)
        }
        text("\n")
        return mark
    }

    /// Makes a ref point to an earlier commit.
    package mutating func reset(_ name: String, to mark: Int) {
        text("reset \(name)\nfrom :\(mark)\n\n")
    }

    private mutating func data(_ content: [UInt8]) {
        text("data \(content.count)\n")
        bytes += content
        text("\n")
    }

    private mutating func text(_ text: String) {
        bytes += Array(text.utf8)
    }

    /// A history of small changes to some of fifty files.
    package static func history(commits: Int, seed: UInt64) -> FastImport {
        var random = SeededRandom(seed)
        var stream = FastImport()
        for index in 0..<commits {
            let number = Int.random(in: 0..<50, using: &random)
            let line = "\(index) \(UInt64.random(in: 0 ... .max, using: &random))\n"
            stream.commit(
                "refs/heads/main",
                [("dir\(number % 7)/file\(number).txt", Array(String(repeating: line, count: 4).utf8))],
                date: 1_600_000_000 + index * 60,
                message: "commit \(index)"
            )
        }
        return stream
    }

    /// One commit with many small files in nested directories.
    package static func files(_ count: Int, seed: UInt64) -> FastImport {
        var random = SeededRandom(seed)
        var stream = FastImport()
        let files = (0..<count).map { index in
            (
                path: "d\(index % 100)/e\(index / 100 % 50)/file-\(index).txt",
                content: Array("\(index) \(UInt64.random(in: 0 ... .max, using: &random))\n".utf8)
            )
        }
        stream.commit("refs/heads/main", files, date: 1_600_000_000, message: "many files")
        return stream
    }

    /// One large file, changed a little in every commit: the stuff of long delta chains.
    package static func versions(_ count: Int, lines: Int, seed: UInt64) -> FastImport {
        var random = SeededRandom(seed)
        var stream = FastImport()
        var text = (0..<lines).map { _ in "\(UInt64.random(in: 0 ... .max, using: &random))\n" }
        for index in 0..<count {
            text[Int.random(in: 0..<lines, using: &random)] = "changed in \(index)\n"
            stream.commit(
                "refs/heads/main",
                [("large.txt", Array(text.joined().utf8))],
                date: 1_600_000_000 + index * 60,
                message: "version \(index)"
            )
        }
        return stream
    }

    /// One commit with files of incompressible bytes.
    package static func incompressible(files: Int, bytesEach: Int, seed: UInt64) -> FastImport {
        var random = SeededRandom(seed)
        var stream = FastImport()
        let files = (0..<files).map { (path: "blob-\($0).bin", content: random.bytes(bytesEach)) }
        stream.commit("refs/heads/main", files, date: 1_600_000_000, message: "incompressible")
        return stream
    }
}

extension GitClient {
    /// Makes a repository out of a stream and checks out nothing.
    package func imported(_ name: String, _ stream: FastImport) async throws -> GitClient {
        let repository = try await newRepository(name)
        try await repository("fast-import", "--quiet", input: stream.bytes)
        return repository
    }
}
