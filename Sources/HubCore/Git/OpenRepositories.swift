import Access
import GitCore
import Metadata
import Synchronization

/// A repository that is in use, with the refs that were read last.
final class OpenRepository: Sendable {
    let files: GitRepository
    private struct Known {
        let snapshot: RefSnapshot
        /// The version of the records at which they spoke of these refs, if it was looked at.
        var version: Int64?
    }

    private let known = Mutex<Known?>(nil)

    init(_ files: GitRepository) {
        self.files = files
    }

    /// The refs, if those that are known are the ones that `record` speaks of.
    func snapshot(of record: RepositoryRecord) -> RefSnapshot? {
        known.withLock { Self.isOf(record, $0?.snapshot) ? $0?.snapshot : nil }
    }

    /// The refs, if those that are known are the ones that records of this version speak of.
    func snapshot(version: Int64) -> RefSnapshot? {
        known.withLock { $0?.version == version ? $0?.snapshot : nil }
    }

    func remember(_ snapshot: RefSnapshot) {
        known.withLock { $0 = Known(snapshot: snapshot) }
    }

    /// Says that `record` was read when the records had this version, or a later one.
    func confirm(_ record: RepositoryRecord, version: Int64) {
        known.withLock { known in
            if Self.isOf(record, known?.snapshot) { known?.version = version }
        }
    }

    private static func isOf(_ record: RepositoryRecord, _ snapshot: RefSnapshot?) -> Bool {
        guard let snapshot else { return false }
        return snapshot.generation == record.generation
            && snapshot.headTarget.bytes.elementsEqual(record.headTarget.utf8)
            && snapshot.everyObjectReachable == record.everyObjectReachable
    }
}

/// The repositories that were used last, so that packs stay open and refs stay read between requests.
final class OpenRepositories: Sendable {
    private struct State {
        var repositories: [RecordID: OpenRepository] = [:]
        var lastUse: [RecordID: UInt64] = [:]
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many are kept; a repository in use lives on with its users.
    init(limit: Int) {
        self.limit = limit
    }

    func repository(of id: RecordID, make: () -> GitRepository) -> OpenRepository {
        state.withLock { state in
            state.clock += 1
            state.lastUse[id] = state.clock
            if let known = state.repositories[id] { return known }
            let opened = OpenRepository(make())
            state.repositories[id] = opened
            if state.repositories.count > limit, let oldest = state.lastUse.min(by: { $0.value < $1.value }) {
                state.repositories[oldest.key] = nil
                state.lastUse[oldest.key] = nil
            }
            return opened
        }
    }

    func forget(_ id: RecordID) {
        state.withLock { state in
            state.repositories[id] = nil
            state.lastUse[id] = nil
        }
    }
}
