package import Access
import GitCore
package import Metadata

/// What is to become of a repository's settings; nil leaves a part as it is.
package struct RepositoryChange: Sendable {
    /// Who may see it without a role.
    package var visibility: Visibility?
    /// What stands before its files.
    package var gate: Gate?
    /// Whether it is closed for all but administrators of the hub.
    package var isDisabled: Bool?
    /// The ref that `HEAD` points to: a full name below `refs/heads/`.
    package var headTarget: String?
    /// Whether updates that lose commits are refused.
    package var denyNonFastForward: Bool?
    /// Whether refs cannot be deleted.
    package var denyDeletes: Bool?
    /// What happens to pushes of pointer files whose objects are not stored.
    package var lfsPointers: LFSPointerRule?

    /// A change of nothing.
    package init() {}

    /// Whether the rules for pushes change.
    fileprivate var changesRules: Bool { denyNonFastForward != nil || denyDeletes != nil || lfsPointers != nil }

    fileprivate func applied(to settings: RepositorySettings) -> RepositorySettings {
        RepositorySettings(
            denyNonFastForward: denyNonFastForward ?? settings.denyNonFastForward,
            denyDeletes: denyDeletes ?? settings.denyDeletes,
            lfsPointers: lfsPointers ?? settings.lfsPointers
        )
    }
}

extension Repositories {
    /// Changes a repository's settings, all of them or none.
    ///
    /// Closing and opening takes administering the hub beside administering the repository.
    /// - Returns: the repository as it is now.
    /// - Throws: `HubError.invalid` for a default branch that is not the full name of one.
    package func change(
        _ address: RepositoryAddress,
        _ change: RepositoryChange,
        by actor: Actor
    ) async throws -> RepositoryRecord {
        if change.isDisabled != nil { try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub") }
        if let target = change.headTarget { try Self.checkHead(target) }
        let changed = try await database.transaction { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            try setAccess(of: repository, change, by: actor, in: records)
            try setRules(of: repository, change, by: actor, in: records)
            guard let changed = try records.repository(id: repository.id) else { throw MetadataError.notFound }
            return changed
        }
        if change.headTarget != nil { await storage.copyRefs(of: changed.id) }
        return changed
    }

    /// - Throws: `HubError.invalid` unless it is the full name of a branch.
    static func checkHead(_ target: String) throws(HubError) {
        guard target.utf8.starts(with: "refs/heads/".utf8), (try? RefName(validating: target.utf8)) != nil else {
            throw HubError.invalid("The default branch is the full name of a branch, such as refs/heads/main.")
        }
    }

    private func setAccess(
        of repository: RepositoryRecord,
        _ change: RepositoryChange,
        by actor: Actor,
        in records: Records
    ) throws {
        if let visibility = change.visibility {
            try records.setVisibility(repositoryID: repository.id, visibility)
            let details: KeyValuePairs = ["visibility": visibility.rawValue]
            try journal.record("repository.visibility.changed", repository, by: actor, details, in: records)
        }
        if let gate = change.gate {
            try records.setGate(repositoryID: repository.id, gate)
            let visibility = change.visibility ?? repository.visibility
            let details: KeyValuePairs = ["visibility": visibility.rawValue, "gate": gate.rawValue]
            try journal.record("repository.access.changed", repository, by: actor, details, in: records)
        }
        if let isDisabled = change.isDisabled {
            try records.setDisabled(repositoryID: repository.id, isDisabled)
            let action = isDisabled ? "repository.disabled" : "repository.enabled"
            try journal.record(action, repository, by: actor, in: records)
        }
    }

    private func setRules(
        of repository: RepositoryRecord,
        _ change: RepositoryChange,
        by actor: Actor,
        in records: Records
    ) throws {
        if let target = change.headTarget {
            try records.setHead(repositoryID: repository.id, target: target)
            try journal.record("repository.head.changed", repository, by: actor, ["target": target], in: records)
        }
        guard change.changesRules else { return }
        let settings = change.applied(to: repository.settings)
        try records.setSettings(repositoryID: repository.id, settings)
        let details: KeyValuePairs = [
            "denyNonFastForward": "\(settings.denyNonFastForward)", "denyDeletes": "\(settings.denyDeletes)",
            "lfsPointers": settings.lfsPointers.rawValue,
        ]
        try journal.record("repository.settings.changed", repository, by: actor, details, in: records)
    }
}
