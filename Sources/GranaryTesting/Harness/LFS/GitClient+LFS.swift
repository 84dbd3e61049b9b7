extension GitClient {
    /// The same person with git-lfs's filters set up.
    ///
    /// Over SSH it opens one connection per command: git-lfs 3.3 hangs when it shares one.
    package func withLFS() async throws -> GitClient {
        try await self("lfs", "install", "--skip-repo")
        return with("lfs.ssh.automultiplex=false")
    }

    /// Makes an empty repository in which files of some patterns are large files.
    package func newLargeFileRepository(_ name: String, tracking patterns: [String] = ["*.bin"]) async throws
        -> GitClient
    {
        let work = try await newRepository(name)
        for pattern in patterns { try await work("lfs", "track", pattern) }
        return work
    }

    /// The ids of the large files that a revision's pointers name.
    package func largeFiles(_ revision: String = "HEAD") async throws -> Set<String> {
        let lines = try await self("lfs", "ls-files", "--long", revision).split(separator: "\n")
        return Set(lines.map { String($0.prefix { $0 != " " }) })
    }
}
