/// A push that the server makes itself: the checks, quarantine, lock and transaction of every push, without a conversation.
package struct ServerPush: Sendable {
    /// What is to change, once the refs are known.
    package struct Content {
        /// Which refs get which values.
        ///
        /// All or none; their old values are those of the refs that were given.
        package var commands: [ReceiveCommand]
        /// Objects that the repository may not have.
        package var drafts: [PackDraft]
        /// Whether what was prepared still holds, beyond the refs: asked with the refs held, before anything is published.
        package var isCurrent: () async throws -> Bool

        /// What is to change.
        package init(
            _ commands: [ReceiveCommand],
            _ drafts: [PackDraft],
            isCurrent: @escaping () async throws -> Bool = { true }
        ) {
            self.commands = commands
            self.drafts = drafts
            self.isCurrent = isCurrent
        }
    }

    private let receive: ReceivePack

    /// - Parameter quarantineName: names the quarantine; unique, safe as a file name.
    package init(
        repository: GitRepository,
        target: any PushTarget,
        context: GitContext,
        quarantineName: String
    ) {
        receive = ReceivePack(
            repository: repository,
            target: target,
            context: context,
            isStateless: true,
            quarantineName: quarantineName
        )
    }

    /// Publishes objects and changes refs.
    ///
    /// - Parameter prepare: says what is to change for the refs as they are; nil for nothing. It is asked again, with the
    ///   refs held, when somebody else was faster.
    /// - Throws: `ServerPushRefusal`, `PackRefusal`, and what `prepare` throws; then nothing has changed.
    package func push(_ prepare: (RefSnapshot) async throws -> Content?) async throws -> PushSummary {
        let snapshot = try await receive.target.snapshot()
        if let summary = try await attempt(prepare, snapshot, holding: nil) { return summary }
        let lock = try await receive.target.lock()
        defer { lock.release() }
        let current = try await lock.snapshot()
        guard let summary = try await attempt(prepare, current, holding: lock) else {
            throw ServerPushRefusal(cause: .race, reason: "the ref has changed meanwhile", messages: [])
        }
        return summary
    }

    /// - Parameter held: the lock, when it is held already.
    /// - Returns: nil when somebody has changed the same refs meanwhile.
    private func attempt(
        _ prepare: (RefSnapshot) async throws -> Content?,
        _ snapshot: RefSnapshot,
        holding held: (any PushLock)?
    ) async throws -> PushSummary? {
        guard let content = try await prepare(snapshot) else { return .nothing }
        let check = CommandCheck(
            snapshot: snapshot,
            target: receive.target,
            limits: receive.context.limits,
            isServer: true
        )
        let request = ReceiveRequest(serverCommands: content.commands)
        var push = Push(request, refusals: check.refusals(of: request.commands))
        try push.throwIfRefused(isForbidden(request.commands) ? .rule : .race)
        let quarantine = try take(content)
        defer { quarantine.discard() }
        try receive.decide(&push, quarantine, lost: [])
        try push.throwIfRefused(.rule)
        let messages = try await receive.inspect(&push, quarantine, snapshot)
        try push.throwIfRefused(.content, messages)
        if let held {
            try await receive.publish(&push, quarantine, holding: held, isServer: true)
        } else {
            let lock = try await receive.target.lock()
            defer { lock.release() }
            let current = try await lock.snapshot()
            let isOvertaken = content.commands.contains { command in
                (command.name.flatMap { current.ref(named: $0) }?.oid ?? .zero) != command.old
            }
            let isCurrent = try await content.isCurrent()
            if isOvertaken || !isCurrent { return nil }
            try await receive.publish(&push, quarantine, holding: lock, isServer: true)
        }
        try push.throwIfRefused(.race)
        return push.summary
    }

    private func isForbidden(_ commands: [ReceiveCommand]) -> Bool {
        commands.contains { command in
            command.name.map { receive.target.refusal(of: command, name: $0) != nil } ?? true
        }
    }

    /// Takes the objects into quarantine and checks them as those of any push.
    private func take(_ content: Content) throws -> Quarantine {
        let quarantine = try Quarantine(
            parent: receive.repository.quarantinePath,
            name: receive.quarantineName,
            packs: receive.repository.packs,
            visible: nil,
            limits: receive.context.limits
        )
        do {
            quarantine.probe = receive.target.blobProbe
            try PackDraft.write(content.drafts) { piece in
                try Task.checkCancellation()
                try quarantine.receive(piece)
            }
            try quarantine.finishReceiving()
            while try quarantine.resolveSome(1_000) { try Task.checkCancellation() }
            try quarantine.verify(content.commands.map(\.new))
            return quarantine
        } catch {
            quarantine.discard()
            throw error
        }
    }
}

/// Why a push of the server's own was refused, in the words that git's users read.
package struct ServerPushRefusal: Error, Sendable, Equatable {
    /// What stands in the way.
    package enum Cause: Sendable {
        /// What the repository's rules allow the actor.
        case rule
        /// What is brought: files that others have locked, large files that are not there.
        case content
        /// Refs as others have made them.
        case race
    }

    /// What stands in the way.
    package let cause: Cause
    /// In a few words.
    package let reason: String
    /// Lines with details, such as paths and owners of locked files.
    package let messages: [String]
}

extension Push {
    fileprivate func throwIfRefused(_ cause: ServerPushRefusal.Cause, _ messages: [String] = []) throws {
        let reasons = refusals.compactMap(\.self)
        // The others of an atomic push only say that one has failed.
        guard let reason = reasons.first(where: { $0 != Push.atomicFailure }) ?? reasons.first else { return }
        throw ServerPushRefusal(cause: cause, reason: reason, messages: messages)
    }
}

extension PushSummary {
    fileprivate static let nothing = PushSummary(updates: [], refused: 0, unpackError: nil, objects: 0, packBytes: 0)
}

extension ReceiveRequest {
    fileprivate init(serverCommands: [ReceiveCommand]) {
        self.init(shallows: [], commands: serverCommands, capabilities: .atomic, pushOptions: [])
    }
}
