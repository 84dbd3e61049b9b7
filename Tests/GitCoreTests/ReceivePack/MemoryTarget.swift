import GitCore
import Synchronization

/// Refs in memory, and rules as a test wants them.
final class MemoryTarget: PushTarget, PushLock {
    private let refs: Mutex<[RefName: Ref]>
    private let headTarget: RefName
    private let refusedForce: String?

    init(_ snapshot: RefSnapshot, refusingForce: String? = nil) {
        refs = Mutex(Dictionary(snapshot.refs.map { ($0.name, $0) }) { $1 })
        headTarget = snapshot.headTarget
        refusedForce = refusingForce
    }

    func snapshot() async throws -> RefSnapshot {
        RefSnapshot(
            refs: refs.withLock { Array($0.values) },
            headTarget: headTarget,
            generation: 1,
            everyObjectReachable: true
        )
    }

    func refusal(of command: ReceiveCommand, name: RefName) -> String? {
        name.bytes.starts(with: "refs/heads/closed".utf8) ? "closed" : nil
    }

    func refusal(ofForced update: RefUpdate) -> String? { refusedForce }

    func lock() async throws -> any PushLock { self }

    func release() {}

    func commit(_ transaction: RefTransaction) async throws -> [String?] {
        refs.withLock { refs in
            for update in transaction.updates {
                refs[update.name] = update.isDelete ? nil : Ref(name: update.name, oid: update.new)
            }
        }
        return transaction.updates.map { _ in nil }
    }
}
