import Foundation

extension GitClient {
    /// Makes an empty repository in a sub-directory.
    package func newRepository(_ name: String) async throws -> GitClient {
        try await self("init", "--quiet", name)
        return at(name)
    }

    /// Clones into a sub-directory.
    ///
    /// - Parameter options: flags in front of the URL.
    package func clone(_ url: String, _ name: String, _ options: String...) async throws -> GitClient {
        try await run(["clone", "--quiet"] + options + [url, name]).required()
        return at(name)
    }

    /// Writes a file of the working tree.
    package func write(_ path: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: "\(directory)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    /// Writes files and commits everything.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - files: paths with their contents.
    ///   - date: seconds since 1970 for author and committer; now when nil.
    /// - Returns: the id of the commit.
    @discardableResult
    package func commit(_ message: String, _ files: [String: String] = [:], date: Int? = nil) async throws -> String {
        for (path, content) in files { try write(path, Array(content.utf8)) }
        var client = self
        if let date {
            client.environment["GIT_AUTHOR_DATE"] = "@\(date) +0000"
            client.environment["GIT_COMMITTER_DATE"] = "@\(date) +0000"
        }
        try await client("add", "--all")
        try await client("commit", "--quiet", "--allow-empty", "-m", message)
        return try await self("rev-parse", "HEAD")
    }

    /// The id that a revision names.
    package func id(_ revision: String) async throws -> String {
        try await self("rev-parse", "--verify", revision)
    }

    /// All refs below a prefix, with their ids.
    package func refs(_ prefix: String = "refs/") async throws -> [String: String] {
        try Self.table(await self("for-each-ref", "--format=%(objectname)\t%(refname)", prefix))
    }

    /// What `git ls-remote` lists.
    package func remoteRefs(_ url: String, _ options: String...) async throws -> [String: String] {
        try Self.table(await run(["ls-remote"] + options + [url]).required().output)
    }

    /// Ids of all objects that the repository has, in order.
    package func objects() async throws -> [String] {
        try await self("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
            .split(separator: "\n").map(String.init).sorted()
    }

    /// How many commits are reachable from a revision.
    package func count(_ revision: String = "HEAD") async throws -> Int {
        Int(try await self("rev-list", "--count", revision)) ?? -1
    }

    /// A file of the working tree.
    package func contents(_ path: String) -> [UInt8] {
        Array(FileManager.default.contents(atPath: "\(directory)/\(path)") ?? Data())
    }

    /// True when there is such a file or directory.
    package func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(directory)/\(path)")
    }

    /// The names in a directory, in no order.
    package func files(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(path)")) ?? []
    }

    private static func table(_ output: String) -> [String: String] {
        var table: [String: String] = [:]
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            if parts.count == 2 { table[String(parts[1])] = String(parts[0]) }
        }
        return table
    }
}
