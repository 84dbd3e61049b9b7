import Access
import GitCore
import LFS
import Metadata
import ObjectStore

/// The refs that come along with linked packs.
struct LinkedRefs {
    let refs: [Ref]
    /// The large files that are named where the refs lead, by their ids.
    let largeFiles: Set<String>
    /// Whether they lead to every object in the packs.
    let areWhole: Bool
}

extension GitAccess {
    /// Gives a new repository the packs of another one, which never change, and tells the refs that they hold.
    ///
    /// Hidden refs and those of pull requests stay behind; what only they lead to cannot be reached in the new repository.
    /// No push publishes a pack meanwhile, so packs and refs are of one moment.
    /// - Parameter namingLargeFiles: whether large files are looked for, in all of history.
    func linkPacks(of source: RecordID, to target: RecordID, namingLargeFiles: Bool) async throws -> LinkedRefs {
        let snapshot = try await linkedSnapshot(of: source, to: target)
        let visible = snapshot.advertised()
        let named = namingLargeFiles ? try await largeFiles(in: repository(of: source), visible) : []
        return LinkedRefs(
            refs: visible.refs,
            largeFiles: named,
            areWhole: snapshot.everyObjectReachable && visible.refs.count == snapshot.refs.count
        )
    }

    private func largeFiles(in repository: OpenRepository, _ refs: RefSnapshot) async throws -> Set<String> {
        try await onExecutor {
            var named: Set<String> = []
            let scan = try SmallBlobScan(repository.files, refs, probe: .lfsPointers)
            while try scan.advance(
                Self.scanCount,
                show: { blob in
                    if let pointer = LFSPointer(parsing: blob.bytes) { named.insert(pointer.oid.hex) }
                }
            ) { try Task.checkCancellation() }
            return named
        }
    }

    private static let scanCount = 1_000

    private func linkedSnapshot(of source: RecordID, to target: RecordID) async throws -> RefSnapshot {
        await locks.acquire(source)
        defer { locks.release(source) }
        let repository = repository(of: source)
        let snapshot = try await snapshot(of: source, repository)
        let directory = settings.directory(of: target) + "/objects/pack"
        try await onExecutor {
            let packs = repository.files.packs.path
            // Maintenance from the command line knows nothing of the lock that is held here.
            try Directories.exclusively(in: packs) { try Self.link(packs, to: directory) }
            try Directories.synchronize(directory)
        }
        return snapshot
    }

    private static func link(_ packs: String, to directory: String) throws {
        let names = try Directories.names(in: packs).filter { $0.hasPrefix("pack-") }
        // What has no index is the rest of a pack that was being published or retired.
        let present = Set(names.filter { $0.hasSuffix(".idx") }.map { $0.dropLast(4) })
        for name in names where present.contains(name.prefix { $0 != "." }) {
            try Task.checkCancellation()
            try Directories.link("\(packs)/\(name)", to: "\(directory)/\(name)", durable: true)
        }
    }
}
