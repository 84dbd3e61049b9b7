import Access
import GitCore
import Metadata

/// What a repository's settings and protected refs allow one actor.
///
/// The REST API obeys the same rules as git.
struct PushRules: Sendable {
    private struct Protection {
        let pattern: RefNamePattern
        let record: ProtectedRefRecord
    }

    private let settings: RepositorySettings
    private let protections: [Protection]
    private let role: Role

    /// Reads the rules as they are now.
    init(for actor: Actor, _ record: RepositoryRecord, in records: Records) throws {
        settings = record.settings
        protections = try records.protectedRefs(repositoryID: record.id).map {
            Protection(pattern: try RefNamePattern(parsing: $0.pattern), record: $0)
        }
        switch actor {
        case .operator: role = .admin
        case .anonymous: role = .read
        case .user(let user):
            role = AccessPolicy.effectiveRole(of: user, in: try records.facts(of: record, for: actor)) ?? .read
        case .key(let key):
            role = AccessPolicy.effectiveRole(of: key, in: try records.facts(of: record, for: actor)) ?? .read
        }
    }

    /// Why this ref may not be created, moved forward or deleted; nil when it may.
    func refusal(of kind: ReceiveCommand.Kind, _ name: RefName) -> String? {
        if kind == .delete {
            if settings.denyDeletes { return "this repository does not allow refs to be deleted" }
            return refusal(name, "deleted", needing: \.deleteRole)
        }
        return refusal(name, "pushed to", needing: { $0.pushRole })
    }

    /// Why this ref may not be given a value that does not contain the old one; nil when it may.
    func refusalOfForce(_ name: RefName) -> String? {
        if settings.denyNonFastForward { return "non-fast-forward" }
        return refusal(name, "force-pushed", needing: \.forcePushRole)
    }

    private func refusal(_ name: RefName, _ deed: String, needing role: (ProtectedRefRecord) -> Role?) -> String? {
        for protection in protections where protection.pattern.matches(name) {
            guard let needed = role(protection.record) else { return "protected ref: it cannot be \(deed)" }
            if self.role < needed { return "protected ref: only the role \(needed.rawValue) may have it \(deed)" }
        }
        return nil
    }
}
