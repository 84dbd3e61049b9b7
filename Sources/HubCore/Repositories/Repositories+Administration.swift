package import Access
import GitCore
package import Metadata

extension Repositories {
    /// Gives a user a role in a repository, in place of the one before; nil takes it away.
    ///
    /// - Throws: `HubError.notFound` when there is no such repository or user.
    package func grant(
        _ address: RepositoryAddress,
        userName: String,
        role: Role?,
        by actor: Actor
    ) async throws {
        try await database.transaction { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            guard let user = try records.user(byName: userName) else {
                throw HubError(.notFound, "There is no such user.")
            }
            try records.setGrant(repositoryID: repository.id, userID: user.id, role: role)
            let details: KeyValuePairs = ["user": user.name, "role": role?.rawValue ?? "none"]
            try journal.record("repository.grant.changed", repository, by: actor, details, in: records)
        }
    }

    /// The roles that a repository gives, by user's name.
    package func grants(_ address: RepositoryAddress, by actor: Actor) async throws -> [GrantRecord] {
        try await database.read { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            return try records.grants(repositoryID: repository.id)
        }
    }

    /// Shows a repository to everybody, or hides it.
    package func setVisibility(
        _ address: RepositoryAddress,
        _ visibility: Visibility,
        by actor: Actor
    ) async throws {
        try await change(address, "repository.visibility.changed", ["visibility": visibility.rawValue], by: actor) {
            try $0.setVisibility(repositoryID: $1.id, visibility)
        }
    }

    /// Changes who may see a repository and the gate before its files, as far as each is given.
    ///
    /// - Returns: the repository as it is now.
    package func setAccess(
        _ address: RepositoryAddress,
        visibility: Visibility?,
        gate: Gate?,
        by actor: Actor
    ) async throws -> RepositoryRecord {
        try await database.transaction { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            if let visibility { try records.setVisibility(repositoryID: repository.id, visibility) }
            if let gate { try records.setGate(repositoryID: repository.id, gate) }
            guard let changed = try records.repository(id: repository.id) else { throw MetadataError.notFound }
            let details: KeyValuePairs = ["visibility": changed.visibility.rawValue, "gate": changed.gate.rawValue]
            try journal.record("repository.access.changed", changed, by: actor, details, in: records)
            return changed
        }
    }

    /// Replaces the rules for pushes.
    package func setSettings(
        _ address: RepositoryAddress,
        _ settings: RepositorySettings,
        by actor: Actor
    ) async throws {
        let details: KeyValuePairs = [
            "denyNonFastForward": "\(settings.denyNonFastForward)",
            "denyDeletes": "\(settings.denyDeletes)",
            "lfsPointers": settings.lfsPointers.rawValue,
        ]
        try await change(address, "repository.settings.changed", details, by: actor) {
            try $0.setSettings(repositoryID: $1.id, settings)
        }
    }

    /// Makes another branch the default one.
    ///
    /// It need not exist.
    ///
    /// The copy of `HEAD` in the repository's directory follows with the next change of refs.
    /// - Parameter target: a full name below `refs/heads/`.
    /// - Throws: `HubError.invalid` when it is not one.
    package func setHead(_ address: RepositoryAddress, target: String, by actor: Actor) async throws {
        try Self.checkHead(target)
        let id = try await change(address, "repository.head.changed", ["target": target], by: actor) {
            try $0.setHead(repositoryID: $1.id, target: target)
            try journal.followCard(of: $1, in: $0)
        }
        await storage.copyRefs(of: id)
    }

    /// Protects the refs that a pattern matches, in place of the rule it had before.
    ///
    /// - Parameters:
    ///   - pattern: as `RefNamePattern` reads it; without `refs/` in front it is about branches.
    ///   - pushRole: who may create the refs and move them forward.
    ///   - forcePushRole: who may move them otherwise; nil for nobody.
    ///   - deleteRole: who may delete them; nil for nobody.
    /// - Throws: `HubError.invalid` for a pattern that no ref could match.
    package func protectRef(
        _ address: RepositoryAddress,
        pattern: String,
        pushRole: Role,
        forcePushRole: Role?,
        deleteRole: Role?,
        by actor: Actor
    ) async throws {
        let pattern = try Self.checked(pattern)
        try await change(address, "repository.protection.changed", ["pattern": pattern], by: actor) {
            try $0.setProtectedRef(
                ProtectedRefRecord(
                    repositoryID: $1.id,
                    pattern: pattern,
                    pushRole: pushRole,
                    forcePushRole: forcePushRole,
                    deleteRole: deleteRole
                )
            )
        }
    }

    /// Ends the protection by a pattern.
    ///
    /// - Throws: `HubError.notFound` when there is none by this pattern.
    package func unprotectRef(_ address: RepositoryAddress, pattern: String, by actor: Actor) async throws {
        let pattern = try Self.checked(pattern)
        try await change(address, "repository.protection.removed", ["pattern": pattern], by: actor) {
            guard try $0.deleteProtectedRef(repositoryID: $1.id, pattern: pattern) else {
                throw HubError(.notFound, "There is no protection by this pattern.")
            }
        }
    }

    /// A repository's protections, by the bytes of their patterns.
    package func protectedRefs(_ address: RepositoryAddress, by actor: Actor) async throws -> [ProtectedRefRecord] {
        try await database.read { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            return try records.protectedRefs(repositoryID: repository.id)
        }
    }

    /// One change of one repository's settings, with its audit row and event.
    @discardableResult
    private func change(
        _ address: RepositoryAddress,
        _ action: String,
        _ details: KeyValuePairs<String, String>,
        by actor: Actor,
        _ body: @Sendable (Records, RepositoryRecord) throws -> Void
    ) async throws -> RecordID {
        try await database.transaction { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            try body(records, repository)
            try journal.record(action, repository, by: actor, details, in: records)
            return repository.id
        }
    }

    /// The pattern as it is stored, `refs/heads/` included.
    private static func checked(_ pattern: String) throws(HubError) -> String {
        do throws(RefNamePatternError) {
            return try RefNamePattern(parsing: pattern).text
        } catch {
            throw .invalid("The pattern matches no valid ref name.")
        }
    }
}
