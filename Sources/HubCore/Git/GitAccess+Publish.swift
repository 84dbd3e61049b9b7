package import Access
package import GitCore
import LFS
import Logging
package import Metadata

extension GitAccess {
    /// Changes refs in an actor's name, without a conversation: what the API commits, branches and tags goes the way of
    /// every push, with the same rules, locks, checks, event and audit row.
    ///
    /// - Parameters:
    ///   - action: what the actor must be allowed to do, which is decided once more in the transaction.
    ///   - alongside: what else is written in that transaction.
    ///   - prepare: says what is to change for the refs as they are; runs on the executor of git, twice when somebody else
    ///     was faster. Nil for nothing.
    /// - Throws: `HubError`: `.forbidden` for what rules refuse, `.conflict` for locked files and lost races, `.invalid`
    ///   for objects that git does not accept; `LFSFailure` 507 when the disk is full.
    @discardableResult
    package func publish(
        to record: RepositoryRecord,
        by actor: Actor,
        as action: Action = .writeRepository,
        operation: String,
        alongside: @escaping @Sendable (Records) throws -> Void = { _ in },
        _ prepare: (RefSnapshot) async throws -> ServerPush.Content?
    ) async throws -> PushSummary {
        let repository = repository(of: record.id)
        let rules = try await database.read { try PushRules(for: actor, record, in: $0) }
        let target = DatabasePushTarget(
            git: self,
            id: record.id,
            repository: repository,
            actor: actor,
            rules: rules,
            action: action,
            alongside: alongside
        )
        let id = try environment.newID().text
        let push = ServerPush(repository: repository.files, target: target, context: context, quarantineName: id)
        let work = GitWork(git: self, record: record, actor: actor, requestID: id)
        return try await work.call(operation) {
            do {
                return try await push.push(prepare)
            } catch {
                throw Self.told(error)
            }
        }
    }

    /// What a client of the API is told when a push of the server's own is refused.
    private static func told(_ error: any Error) -> any Error {
        switch error {
        case let refusal as ServerPushRefusal:
            let details = refusal.messages.isEmpty ? "" : " (\(refusal.messages.joined(separator: "; ")))"
            let message = "\(refusal.reason.prefix(1).uppercased())\(refusal.reason.dropFirst())\(details)."
            return HubError(refusal.cause == .rule ? .forbidden : .conflict, message)
        case let refusal as PackRefusal: return HubError.invalid("Git does not accept this: \(refusal.message).")
        case let error as FileError where error.isOutOfSpace:
            return LFSFailure(status: 507, "The server's disk is full. Nothing was changed.")
        default: return error
        }
    }
}
