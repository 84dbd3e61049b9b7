extension TransferServer {
    func lock(_ command: TransferCommand) async throws {
        try require(.upload)
        guard let path = command["path"].flatMap({ LockPath($0) }) else { throw LockRequest.badPath }
        let refName = try refName(of: command)
        try await inbox.finishCommand()
        switch try await backend.lock(path, refName: refName) {
        case .created(let lock): try await send(TransferReply(lock, status: 201))
        case .conflict(let lock): try await send(TransferReply(lock, status: 409, message: lock.conflictMessage))
        }
    }

    func listLocks(_ command: TransferCommand) async throws {
        let query = try LockQuery(items: command.arguments)
        try await inbox.finishCommand()
        let page = try await backend.listLocks(query)
        try await send(TransferReply(page, tellsOwners: operation == .upload))
    }

    func unlock(_ command: TransferCommand) async throws {
        try require(.upload)
        let id = try LockQuery.lockID(command.operand)
        let refName = try refName(of: command)
        try await inbox.finishCommand()
        let lock = try await backend.unlock(id: id, isForced: command["force"] == "true", refName: refName)
        // The client does not take an answer without the lock, though the document asks for none.
        try await send(TransferReply(lock, status: 200))
    }
}
