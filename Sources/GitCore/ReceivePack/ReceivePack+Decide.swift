extension ReceivePack {
    /// Checks what the new values of the refs are, now that the objects are known.
    ///
    /// - Parameter lost: values that the pusher must not build upon.
    func decide(_ push: inout Push, _ quarantine: Quarantine, lost: Set<ObjectID>) throws {
        push.objects = quarantine.received.objects
        push.packBytes = quarantine.receivedBytes
        let table = CommitTable(try quarantine.reader())
        let ancestry = Ancestry(table)
        for index in push.open {
            let command = push.request.commands[index]
            guard let name = command.name, command.kind != .delete else { continue }
            guard let type = try quarantine.type(of: command.new), !lost.contains(command.new) else {
                push.refuse(index, "missing necessary objects")
                continue
            }
            if name.isBranch && type != .commit {
                push.refuse(index, "a branch must point to a commit")
            } else if type == .tag, try table.peel(command.new) == nil {
                push.refuse(index, "tags are nested deeper than \(CommitTable.tagDepth) levels")
            } else if command.kind == .update, try !isFastForward(command, type, quarantine, ancestry) {
                push.noteForced(index)
                let update = RefUpdate(name: name, old: command.old, new: command.new, isForced: true)
                if let reason = target.refusal(ofForced: update) { push.refuse(index, reason) }
            }
        }
    }

    /// Values that the pack did not bring and no ref leads to: what only a former push has left behind must not come back
    /// by its name alone.
    func lostObjects(
        _ push: Push,
        _ quarantine: Quarantine,
        _ snapshot: RefSnapshot
    ) async throws -> Set<ObjectID> {
        let values = push.open.map { push.request.commands[$0] }.filter { $0.kind != .delete }.map(\.new)
        return try await check(snapshot).refused(among: values.filter { !quarantine.brought($0) })
    }

    /// What this client may know of.
    func check(_ snapshot: RefSnapshot) throws -> WantCheck {
        let visible = snapshot.visible()
        return WantCheck(
            repository: repository,
            snapshot: visible,
            packs: try repository.packs.current(),
            hasHiddenRefs: visible.refs.count != snapshot.refs.count
        )
    }

    /// Only commits have a history that can be continued; any other change replaces.
    private func isFastForward(
        _ command: ReceiveCommand,
        _ type: ObjectType,
        _ quarantine: Quarantine,
        _ ancestry: Ancestry
    ) throws -> Bool {
        guard type == .commit, try quarantine.type(of: command.old) == .commit else { return false }
        return try ancestry.isAncestor(command.old, of: command.new)
    }

    /// Publishes the pack and changes the refs, one push after the other.
    func publish(_ push: inout Push, _ quarantine: Quarantine?) async throws {
        guard push.isAnythingLeft else { return }
        let lock = try await target.lock()
        defer { lock.release() }
        try await publish(&push, quarantine, holding: lock, isServer: false)
    }

    /// The same for whoever holds the lock.
    func publish(
        _ push: inout Push,
        _ quarantine: Quarantine?,
        holding lock: any PushLock,
        isServer: Bool
    ) async throws {
        let current = try await lock.snapshot()
        refuseOvertaken(&push, current, isServer)
        guard push.isAnythingLeft else { return }
        let updates = try updates(of: push, quarantine, current)
        // Without a change there is nothing that could lead to the objects of the pack.
        guard !updates.isEmpty else { return }
        let isReachable = try leavesEverythingReachable(updates, push, quarantine, current)
        try quarantine?.publish()
        let transaction = RefTransaction(
            updates: updates.map(\.update),
            isAtomic: push.request.atomic,
            everyObjectReachable: isReachable,
            pushOptions: push.request.pushOptions
        )
        let outcomes: [String?]
        do {
            outcomes = try await lock.commit(transaction)
        } catch let failure as SettledFailure {
            quarantine?.settle()
            throw failure.cause
        }
        quarantine?.settle()
        for (entry, reason) in zip(updates, outcomes) {
            if let reason { push.refuse(entry.index, reason) }
        }
        push.finish(zip(updates, outcomes).filter { $0.1 == nil }.map(\.0.update))
    }

    /// Looks at the open commands again as the refs are now: another push may have moved a ref, or made one that stands in
    /// the way, since they were first looked at.
    private func refuseOvertaken(_ push: inout Push, _ current: RefSnapshot, _ isServer: Bool) {
        let open = push.open
        let check = CommandCheck(snapshot: current, target: target, limits: context.limits, isServer: isServer)
        for (index, reason) in zip(open, check.refusals(of: open.map { push.request.commands[$0] })) {
            if let reason { push.refuse(index, reason) }
        }
    }

    /// The changes to make; deleting what is not there is none.
    private func updates(
        of push: Push,
        _ quarantine: Quarantine?,
        _ current: RefSnapshot
    ) throws -> [(index: Int, update: RefUpdate)] {
        let table = CommitTable(try quarantine?.reader() ?? ObjectReader(repository.packs.current()))
        return try push.open.compactMap { index in
            let command = push.request.commands[index]
            guard let name = command.name, command.old != command.new else { return nil }
            guard command.kind != .delete else {
                guard let ref = current.ref(named: name) else { return nil }
                return (index, RefUpdate(name: name, old: ref.oid, new: .zero))
            }
            let target = try table.peel(command.new)
            var update = RefUpdate(name: name, old: command.old, new: command.new)
            update.peeled = target.flatMap { $0.oid == command.new ? nil : $0.oid }
            update.isForced = push.forced.contains(index)
            return (index, update)
        }
    }

    /// Whether, after these updates, every stored object can be reached from some ref.
    ///
    /// Careful, not exact: "no" only makes later checks more expensive.
    private func leavesEverythingReachable(
        _ updates: [(index: Int, update: RefUpdate)],
        _ push: Push,
        _ quarantine: Quarantine?,
        _ current: RefSnapshot
    ) throws -> Bool {
        guard current.everyObjectReachable, quarantine?.isCovered(by: Set(updates.map(\.update.new))) ?? true else {
            return false
        }
        let lost = updates.map(\.update).filter { $0.isForced || $0.isDelete }
        guard !lost.isEmpty else { return true }
        let gone = Set(lost.map(\.name))
        let kept = Set(current.refs.filter { !gone.contains($0.name) }.map(\.oid))
        let orphaned = Set(lost.map(\.old)).subtracting(kept)
        guard !orphaned.isEmpty else { return true }
        // Most deleted branches were merged: their tips lie behind the default branch. Tags are no commits.
        let areCommits = lost.allSatisfy { current.ref(named: $0.name)?.peeled == nil }
        guard areCommits, let head = current.head, !gone.contains(head.name) else { return false }
        let table = CommitTable(try quarantine?.reader() ?? ObjectReader(repository.packs.current()))
        return (try? Ancestry(table).areAncestors(orphaned, of: head.oid)) ?? false
    }
}
