import GranaryTesting

extension Story {
    /// Git with git-lfs in the hands of the owner.
    func largeFileGit(_ wire: Wire = .standard) async throws -> GitClient {
        try await largeFileGit(wire, as: owner)
    }

    /// Git with git-lfs in the hands of anybody.
    func largeFileGit(_ wire: Wire = .standard, as person: Person?) async throws -> GitClient {
        try await git(wire, as: person).withLFS()
    }

    /// The LFS routes, called by hand by the owner.
    var lfs: LFSAPI { LFSAPI(server, repository, as: owner) }

    /// A working repository with a remote called `origin` and large files of some patterns.
    func largeFileWork(
        _ wire: Wire = .standard,
        tracking patterns: [String] = ["*.bin"]
    ) async throws -> GitClient {
        let work = try await largeFileGit(wire).newLargeFileRepository("work", tracking: patterns)
        try await work("remote", "add", "origin", url(wire))
        return work
    }

    /// How many large-file requests the server has logged, by operation and method.
    func loggedTransfers(_ operation: String) -> Int {
        server.log.split(separator: "\n").count { line in
            line.contains("route=lfs") && line.contains("operation=\(operation)") && line.contains(repository.path)
        }
    }
}
