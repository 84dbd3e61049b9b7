import Access
import GitCore
import LFS
import ObjectStore
import Synchronization

/// Where large files stand in a repository: remembered for as long as its refs stay the same.
final class LargeFileNames: Sendable {
    /// A path, and the first ref in whose history it is.
    struct Name: Sendable {
        let path: String
        let ref: String
    }

    private struct Known {
        let repositoryID: RecordID
        let generation: Int64
        let names: [String: Name]
    }

    private let known = Mutex<[Known]>([])
    /// Repositories that are remembered.
    private static let limit = 4
    /// Names of one repository; further files have none.
    private static let mostNames = 100_000
    private static let scanCount = 1_000

    /// The names of a repository's large files by their ids; walks all of its history when nobody has asked lately.
    ///
    /// Blocks, so only for the executor of git.
    func names(of id: RecordID, _ files: GitRepository, _ refs: RefSnapshot) throws -> [String: Name] {
        if let names = known.withLock({ $0.first { $0.repositoryID == id && $0.generation == refs.generation } }) {
            return names.names
        }
        var names: [String: Name] = [:]
        let scan = try SmallBlobScan(files, refs, probe: .lfsPointers)
        while try scan.advance(
            Self.scanCount,
            show: { blob in
                guard names.count < Self.mostNames, let pointer = LFSPointer(parsing: blob.bytes) else { return }
                guard names[pointer.oid.hex] == nil else { return }
                let path = String(decoding: blob.path, as: UTF8.self)
                names[pointer.oid.hex] = Name(path: path, ref: blob.ref.string)
            }
        ) { try Task.checkCancellation() }
        remember(Known(repositoryID: id, generation: refs.generation, names: names))
        return names
    }

    private func remember(_ new: Known) {
        known.withLock { known in
            known.removeAll { $0.repositoryID == new.repositoryID }
            known.append(new)
            if known.count > Self.limit { known.removeFirst() }
        }
    }
}
