/// A push that the server makes itself: the same quarantine, checks, lock and transaction, without a conversation.
package struct ServerPush: Sendable {
    private let repository: GitRepository
    private let target: any PushTarget
    private let context: GitContext

    package init(repository: GitRepository, target: any PushTarget, context: GitContext) {
        self.repository = repository
        self.target = target
        self.context = context
    }

    /// Publishes a pack and changes refs.
    ///
    /// - Throws: `PackRefusal`; `ConversationError.refused` with the reason when a ref was not changed.
    package func push(_ pack: [UInt8], _ updates: [RefUpdate], quarantineName: String) async throws {
        let quarantine = try Quarantine(
            parent: repository.quarantinePath,
            name: quarantineName,
            packs: repository.packs,
            visible: nil,
            limits: context.limits
        )
        defer { quarantine.discard() }
        try pack.withUnsafeBytes { try quarantine.receive($0) }
        try quarantine.finishReceiving()
        while try quarantine.resolveSome(1_000) {}
        try quarantine.verify(updates.map(\.new))
        let lock = try await target.lock()
        defer { lock.release() }
        try quarantine.publish()
        let isReachable = quarantine.isCovered(by: Set(updates.map(\.new)))
        let outcomes = try await lock.commit(
            RefTransaction(updates: updates, isAtomic: true, everyObjectReachable: isReachable, pushOptions: [])
        )
        quarantine.settle()
        if let reason = outcomes.compactMap({ $0 }).first { throw ConversationError.refused(reason) }
    }
}
