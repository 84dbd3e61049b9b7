package import Access
import GitCore
import Logging
import Metadata

extension GitAccess: RepositoryStorage {
    /// What a directory is renamed to before it is removed; the sweep at start finishes what a crash has cut off.
    private static let deletedSuffix = ".deleted"

    /// Makes the bare repository of `id`, empty, durable when it returns.
    package func createDirectory(for id: RecordID) async throws {
        let path = settings.directory(of: id)
        try await onExecutor {
            try Directories.create(settings.repositoriesDirectory)
            let shard = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
            try Directories.create(shard)
            try GitRepository(path: path, files: files).create(head: try RefName(validating: "refs/heads/main".utf8))
            try Directories.synchronize(shard)
            try Directories.synchronize(settings.repositoriesDirectory)
        }
    }

    /// Removes all files of `id`; nothing there is no error.
    package func removeDirectory(for id: RecordID) async throws {
        let path = settings.directory(of: id)
        open.forget(id)
        files.forget(below: path)
        try await onExecutor {
            do {
                try Directories.rename(path, to: path + Self.deletedSuffix)
            } catch let error as FileError where error.isMissing {
                return
            }
            try Directories.removeTree(path + Self.deletedSuffix)
        }
    }

    func onExecutor<T: Sendable>(_ body: @Sendable () throws -> T) async throws -> T {
        try await withTaskExecutorPreference(executor) {
            do { return try body() } catch { throw HubError.translating(error) }
        }
    }

    /// Cleans up after a crash: removes half-finished pushes and deletions, brings copies of refs up to date.
    ///
    /// Only for when no push is running: at the start of the server. Directories without a row are left alone and logged,
    /// as they may be all that is left of a lost database.
    package func sweep() async throws {
        for path in try await onExecutor({ try repositoryDirectories() }) {
            guard path.hasSuffix(".git") else {
                if path.hasSuffix(Self.deletedSuffix) { try await onExecutor { try Directories.removeTree(path) } }
                continue
            }
            let name = path.split(separator: "/").last?.dropLast(4) ?? ""
            guard let id = RecordID(String(name)), path == settings.directory(of: id) else { continue }
            try await sweep(id, path)
        }
    }

    private func sweep(_ id: RecordID, _ path: String) async throws {
        guard try await database.read({ try $0.repository(id: id) }) != nil else {
            logger.warning("a repository directory belongs to no repository", metadata: ["path": "\(path)"])
            return
        }
        let repository = repository(of: id)
        let isCutOff = try await onExecutor { try repository.files.sweep() }
        if isCutOff { try await noteUnreachable(id) }
        let snapshot = try await snapshot(of: id, repository)
        if try await onExecutor({ try !PackedRefsFile.agrees(snapshot, in: path) }) {
            await copyRefs(of: id, repository)
        }
    }

    private func repositoryDirectories() throws -> [String] {
        let root = settings.repositoriesDirectory
        return try Directories.names(in: root).sorted().flatMap { shard in
            try Directories.names(in: root + "/" + shard).sorted().map { root + "/" + shard + "/" + $0 }
        }
    }
}
