package import Access
package import Metadata

extension Accounts {
    /// Adds an SSH key to an account.
    ///
    /// - Parameters:
    ///   - title: what its owner calls it; nil takes the line's comment, or else the fingerprint.
    ///   - openSSHText: one line, as in a `.pub` file.
    /// - Throws: `HubError.invalid` for what is not a key that we take; `.conflict` when any account has the key.
    package func addKey(
        userName: String,
        title: String?,
        openSSHText: String,
        by actor: Actor
    ) async throws -> KeyRecord {
        try requireOwnership(of: userName, by: actor)
        let parsed: SSHPublicKey
        do { parsed = try SSHPublicKey(openSSHLine: openSSHText) } catch { throw HubError.invalid(error) }
        let fingerprint = try parsed.fingerprint()
        let title = title ?? (parsed.comment.isEmpty ? fingerprint : parsed.comment)
        try LabelRules.check(title, "A key's title")
        return try await database.transaction { records in
            let user = try existingUser(userName, in: records)
            guard try records.key(fingerprint: fingerprint) == nil else {
                throw HubError(.conflict, "This key is in use already.")
            }
            let key = KeyRecord(
                id: try environment.newID(),
                userID: user.id,
                title: title,
                algorithm: parsed.algorithm,
                publicKey: parsed.base64,
                fingerprint: fingerprint,
                createdAt: environment.now()
            )
            try records.insertKey(key)
            try journal.audit("key.added", user.name, by: actor, ["fingerprint": fingerprint], in: records)
            return key
        }
    }

    /// An account's keys, oldest first.
    package func keys(userName: String, by actor: Actor) async throws -> [KeyRecord] {
        try requireManagement(of: userName, by: actor)
        return try await database.read { records in
            try records.keys(userID: try existingUser(userName, in: records).id)
        }
    }

    /// Removes a key.
    ///
    /// - Parameter reference: its fingerprint, "SHA256:…", or its id.
    /// - Throws: `HubError.notFound` when there is no such key, or it is somebody else's.
    package func removeKey(_ reference: String, by actor: Actor) async throws {
        guard actor != .anonymous else { throw HubError.denied(.unauthenticated, "key") }
        try await database.transaction { records in
            guard let (key, owner) = try key(reference, visibleTo: actor, in: records) else {
                throw HubError(.notFound, "There is no such key.")
            }
            try requireManagement(of: owner.name, by: actor)
            guard try records.deleteKey(id: key.id) else { throw HubError(.notFound, "There is no such key.") }
            try journal.audit("key.removed", owner.name, by: actor, ["fingerprint": key.fingerprint], in: records)
        }
    }

    /// The key and its owner; nil when the actor may not know of it.
    private func key(
        _ reference: String,
        visibleTo actor: Actor,
        in records: Records
    ) throws -> (KeyRecord, UserRecord)? {
        let mayAdministerHub = AccessPolicy.decide(actor, .administerHub, on: .hub) == .allow
        let users =
            mayAdministerHub ? try records.users() : try actor.userID.flatMap(records.user(id:)).map { [$0] } ?? []
        for user in users {
            let keys = try records.keys(userID: user.id)
            if let key = keys.first(where: { $0.fingerprint == reference || $0.id.text == reference }) {
                return (key, user)
            }
        }
        return nil
    }
}
