import GitCore
import LFS
import NIOCore
import ObjectStore
import OpenSSLKit
import Synchronization

/// A repository's objects and locks in memory.
final class MemoryBackend: TransferBackend {
    struct State {
        var objects: [ObjectKey: [UInt8]] = [:]
        var locks: [LockPage.Held] = []
        var refNames: [String?] = []
        /// Thrown by every method.
        var refusal: LFSFailure?
        /// Announced by `download` instead of the right size.
        var announcedSize: Int64?
        /// Thrown behind the bytes of a download.
        var readingError: (any Error)?
    }

    private let state: Mutex<State>

    var now: State { state.withLock { $0 } }
    var anyKey: ObjectKey? { now.objects.keys.first }

    init(_ objects: [String] = [], edit: (inout State) -> Void = { _ in }) throws {
        var state = State()
        for text in objects {
            let bytes = Array(text.utf8)
            if let key = ObjectKey(bytes: try SHA256.digest(bytes)) { state.objects[key] = bytes }
        }
        edit(&state)
        self.state = Mutex(state)
    }

    private func checked<Value: Sendable>(_ work: (inout State) throws -> Value) throws -> Value {
        try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            return try work(&state)
        }
    }

    func batch(_ objects: [LFSObject], refName: String?) async throws -> [TransferVerdict] {
        try checked { state in
            state.refNames.append(refName)
            return objects.map { state.objects[$0.oid] == nil ? .upload : .noop }
        }
    }

    func upload(_ object: LFSObject, bytes: ByteSource) async throws {
        try checked { _ in }
        var received: [UInt8] = []
        for try await piece in bytes {
            received += piece.readableBytesView
            guard Int64(received.count) <= object.size else { throw LFSFailure(status: 400, "Too many bytes.") }
        }
        guard Int64(received.count) == object.size, try SHA256.digest(received) == object.oid.bytes else {
            throw LFSFailure(status: 400, "These are not the object's bytes.")
        }
        try checked { $0.objects[object.oid] = received }
    }

    func verify(_ object: LFSObject) async throws {
        try checked { state in
            guard let bytes = state.objects[object.oid] else { throw LFSFailure(status: 404, "No such object.") }
            guard bytes.count == object.size else { throw LFSFailure(status: 409, "Another size.") }
        }
    }

    func download(_ oid: ObjectKey) async throws -> TransferDownload {
        try checked { state in
            guard let bytes = state.objects[oid] else { throw LFSFailure(status: 404, "No such\nobject.") }
            let source = Pieces([ByteBuffer(bytes: bytes)], thenThrowing: state.readingError)
            return TransferDownload(size: state.announcedSize ?? Int64(bytes.count), bytes: source)
        }
    }

    func lock(_ path: LockPath, refName: String?) async throws -> LockCreation {
        try checked { state in
            if let held = state.locks.first(where: { $0.lock.path == path }) { return .conflict(held.lock) }
            state.refNames.append(refName)
            let id = String(state.locks.count + 1)
            let lock = LFSLock(id: id, path: path, lockedAt: 1_714_564_800, ownerName: "ada lovelace")
            state.locks.append(LockPage.Held(lock, isOurs: true))
            return .created(lock)
        }
    }

    func listLocks(_ query: LockQuery) async throws -> LockPage {
        try checked { state in
            let start = query.cursor.flatMap { Int($0) } ?? 0
            let end = min(start + query.limit, state.locks.count)
            let page = Array(state.locks[min(start, end)..<end])
            return LockPage(locks: page, nextCursor: end < state.locks.count ? String(end) : nil)
        }
    }

    func unlock(id: String, isForced: Bool, refName: String?) async throws -> LFSLock {
        try checked { state in
            guard let index = state.locks.firstIndex(where: { $0.lock.id == id }) else {
                throw LFSFailure(status: 404, "No such lock.")
            }
            guard state.locks[index].isOurs || isForced else { throw LFSFailure(status: 403, "Another's lock.") }
            return state.locks.remove(at: index).lock
        }
    }
}
