package import Access
import GitCore
package import LFS
package import Metadata
package import ObjectStore

/// A large file that a repository has.
package struct LargeFile: Sendable {
    /// Its id and size.
    package let object: LFSObject
    /// One of its paths in history; nil when no commit has it.
    package let path: String?
    /// The ref in whose history that path is.
    package let ref: String?
    /// When it came.
    package let pushedAt: Timestamp
}

extension Commits {
    /// The most large files that one call lists or deletes.
    package static let largestFilePage = 1_000

    /// A page of the large files of a repository, by id.
    ///
    /// - Parameter after: the last id of the page before.
    /// - Returns: the files, and whether more follow.
    /// - Throws: `HubError` unless the actor may write to the repository.
    package func largeFiles(
        of address: RepositoryAddress,
        after: ObjectKey?,
        limit: Int,
        by actor: Actor
    ) async throws -> (files: [LargeFile], hasMore: Bool) {
        let limit = min(max(limit, 1), Self.largestFilePage)
        let (scene, rows) = try await files.scene(address, .writeRepository, by: actor) { record, records in
            try records.lfsObjects(repositoryID: record.id, after: after?.hex, limit: limit)
        }
        guard !rows.isEmpty else { return ([], false) }
        let names = try await git.onExecutor {
            try largeFileNames.names(of: scene.record.id, scene.repository.files, scene.refs)
        }
        let listed = rows.compactMap { row -> LargeFile? in
            guard let oid = ObjectKey(hex: row.oid), let object = LFSObject(oid: oid, size: row.size) else {
                return nil
            }
            let name = names[row.oid]
            return LargeFile(object: object, path: name?.path, ref: name?.ref, pushedAt: row.createdAt)
        }
        return (listed, rows.count == limit)
    }

    /// Deletes large files from a repository for good.
    ///
    /// Their bytes go once no other repository has them.
    /// - Parameter rewritesHistory: whether the commits are made anew without them; else pointers to nothing stay in them.
    /// - Throws: `HubError` unless the actor may write to the repository, and rewrite the refs that lead to them:
    ///   then nothing was changed.
    package func deleteLargeFiles(
        _ oids: Set<ObjectKey>,
        rewritesHistory: Bool,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws {
        let scene = try await files.scene(address, .writeRepository, by: actor)
        guard !oids.isEmpty else { return }
        if rewritesHistory {
            try await removePointers(to: oids, scene, by: actor)
        } else {
            try await requireUnprotected(oids, scene, by: actor)
        }
        try await lfs.delete(oids, from: scene.record, by: actor)
    }

    /// What may not be rewritten may not be emptied either.
    private func requireUnprotected(_ oids: Set<ObjectKey>, _ scene: Files.Scene, by actor: Actor) async throws {
        let rules = try await git.database.read { try PushRules(for: actor, scene.record, in: $0) }
        let kept = scene.refs.refs.filter { rules.refusalOfForce($0.name) != nil }
        guard !kept.isEmpty else { return }
        let refs = RefSnapshot(
            refs: kept,
            headTarget: scene.refs.headTarget,
            generation: scene.refs.generation,
            everyObjectReachable: scene.refs.everyObjectReachable
        )
        let pointers = try await git.onExecutor { try Self.pointers(to: oids, scene.repository.files, refs) }
        guard pointers.isEmpty else {
            throw HubError(.forbidden, "Refs whose history is protected have these files. Nothing was deleted.")
        }
    }

    private func removePointers(to oids: Set<ObjectKey>, _ scene: Files.Scene, by actor: Actor) async throws {
        let files = scene.repository.files
        try await git.publish(to: scene.record, by: actor, operation: "delete large files") { refs in
            let refs = refs.visible()
            let pointers = try Self.pointers(to: oids, files, refs)
            guard !pointers.isEmpty else { return nil }
            let objects = PackDraft(spoolingIn: files.quarantinePath)
            let reader = try ObjectReader(files.packs.current())
            let rewrite = HistoryRewrite(without: pointers, reader, into: objects, git.context.limits)
            let commands = try refs.refs.compactMap { ref -> ReceiveCommand? in
                let new = try rewrite.rewrite(ref.oid)
                return new == ref.oid ? nil : ReceiveCommand(old: ref.oid, new: new, rawName: ref.name.bytes)
            }
            return commands.isEmpty ? nil : .init(commands, [objects])
        }
    }

    /// The blobs that are pointers to some objects, in any commit.
    private static func pointers(
        to oids: Set<ObjectKey>,
        _ files: GitRepository,
        _ refs: RefSnapshot
    ) throws -> Set<ObjectID> {
        var found: Set<ObjectID> = []
        let scan = try SmallBlobScan(files, refs, probe: .lfsPointers)
        while try scan.advance(
            scanCount,
            show: { blob in
                if let pointer = LFSPointer(parsing: blob.bytes), oids.contains(pointer.oid) { found.insert(blob.oid) }
            }
        ) { try Task.checkCancellation() }
        return found
    }

    private static let scanCount = 1_000

    /// Gives a repository large files of another one, without bytes that move.
    ///
    /// - Returns: those that the target has now.
    /// - Throws: `HubError` unless the actor may read the files of the source and write to the target.
    package func copyLargeFiles(
        _ oids: [ObjectKey],
        from source: RepositoryAddress,
        to target: RepositoryAddress,
        by actor: Actor
    ) async throws -> Set<ObjectKey> {
        let (source, target) = try await git.database.read { records in
            (
                try records.repository(at: source, action: .readContent, by: actor),
                try records.repository(at: target, action: .writeRepository, by: actor)
            )
        }
        return try await lfs.copy(oids, from: source, to: target, by: actor)
    }
}
