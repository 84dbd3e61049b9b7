/// The files of one repository: where its packs and its quarantine are.
///
/// Shared by all requests for it.
package final class GitRepository: Sendable {
    /// The repository directory, `….git`.
    package let path: String
    package let packs: PackDirectory
    /// What is reachable, computed only where presence does not prove it.
    let reachable = ReachableSets()

    /// Names a repository that exists, or that `create` is about to make.
    ///
    /// - Parameter files: keeps the pack files of all repositories open.
    package init(path: String, files: PackFileCache) {
        self.path = path
        packs = PackDirectory(path: path + "/objects/pack", files: files)
    }

    /// Where pushes wait for their verdict; also for temporary files.
    package var quarantinePath: String { path + "/quarantine" }

    /// Where packs that were joined wait for their last readers.
    package var retiredPath: String { path + "/retired" }

    /// Where maintenance writes what is not there yet.
    package var maintenancePath: String { path + "/maintenance" }

    /// Makes the directories, `HEAD` and `config`, all of it on stable storage.
    ///
    /// Nothing that a user wrote is ever in `config`, and there are no hooks.
    package func create(head: RefName) throws {
        for directory in ["", "/objects", "/objects/pack", "/objects/info", "/refs", "/refs/heads", "/quarantine"] {
            try Directories.create(path + directory)
        }
        let config = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
        try Directories.replaceFile(path + "/config", with: Array(config.utf8), durable: true)
        try Directories.replaceFile(path + "/HEAD", with: Array("ref: \(head)\n".utf8), durable: true)
        try Directories.synchronize(path)
    }

    /// The packs at this moment; nil while a push is between publishing its pack and changing refs.
    ///
    /// Refs that are read afterwards, with their word on what is reachable, speak of all that lies in these packs.
    package func settledPacks() throws -> PackSet? {
        let packs = try packs.current()
        // A quarantine lives until its push is settled, and has no pack any more once that is published.
        for name in try Directories.names(in: quarantinePath) {
            let names = try Directories.names(in: quarantinePath + "/" + name)
            if !names.contains("incoming.pack") { return nil }
        }
        return packs
    }

    /// Moves files away whose pack has lost its index, or never got one, when a crash came between.
    private func sweepPacks() throws {
        // Another process may be between two files of a pack.
        try Directories.exclusively(in: packs.path) { try retireStrays() }
    }

    private func retireStrays() throws {
        let names = try Directories.names(in: packs.path).filter { $0.hasPrefix("pack-") }
        let present = Set(names.filter { $0.hasSuffix(".idx") }.map { $0.dropLast(4) })
        let strays = names.filter { !present.contains($0.prefix { $0 != "." }) }
        guard !strays.isEmpty else { return }
        try Directories.create(retiredPath)
        for name in strays { try Directories.rename("\(packs.path)/\(name)", to: "\(retiredPath)/\(name)") }
    }

    /// Removes quarantines of pushes that a stop or crash has cut off.
    ///
    /// Only for when no push is running.
    ///
    /// - Returns: true when one of them had published its pack, so that objects may lie in the store without a ref.
    package func sweep() throws -> Bool {
        var hadPublished = false
        try Directories.removeTree(maintenancePath)
        try sweepPacks()
        for name in try Directories.names(in: quarantinePath) {
            let path = quarantinePath + "/" + name
            if try !Directories.names(in: path).contains("incoming.pack") { hadPublished = true }
            try Directories.removeTree(path)
        }
        return hadPublished
    }
}

/// What a conversation needs of its surroundings.
package struct GitContext: Sendable {
    package var limits: GitLimits
    /// What the server calls itself, for instance `granary/0.1`.
    package var agent: String
    /// Nanoseconds of a clock that never goes back.
    package var now: @Sendable () -> Int64
    /// Packs that several clients get; nil when each gets its own.
    package var packCache: PackCache?

    package init(
        limits: GitLimits,
        agent: String,
        packCache: PackCache? = nil,
        now: @escaping @Sendable () -> Int64
    ) {
        self.limits = limits
        self.agent = agent
        self.packCache = packCache
        self.now = now
    }
}
