package import Access
package import Metadata

extension Accounts {
    /// An account's keys, oldest first.
    package func keys(userName: String, by actor: Actor) async throws -> [KeyRecord] {
        try await keys(of: .user(userName), by: actor).map(\.record)
    }

    /// The keys of an account, a repository or an organisation, oldest first; for those who may add and remove them.
    ///
    /// - Parameter owner: nil for all keys of the hub, which only those may ask who administer it.
    package func keys(of owner: KeyOwner?, by actor: Actor) async throws -> [KeySummary] {
        switch owner {
        case nil: try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        case .user(let name): try requireManagement(of: name, by: actor)
        case .repository, .organization: break
        }
        return try await database.read { records in
            try keys(of: owner, by: actor, in: records).map { try KeySummary($0, in: records) }
        }
    }

    private func keys(of owner: KeyOwner?, by actor: Actor, in records: Records) throws -> [KeyRecord] {
        switch owner {
        case nil:
            return try records.keys()
        case .user(let name):
            return try records.keys(userID: try existingUser(name, in: records).id)
        case .repository(let address):
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            return try records.keys(repositoryID: repository.id)
        case .organization(let name):
            let organization = try administrableOrganization(name, by: actor, in: records)
            return try records.keys(organizationID: organization.id)
        }
    }

    /// Removes a key, whosever it is; it is refused at once, in open connections at their next command.
    ///
    /// - Parameters:
    ///   - reference: its fingerprint, "SHA256:…", or its id.
    ///   - owner: whose it has to be; nil for anybody's.
    /// - Throws: `HubError.notFound` when there is no such key, or the actor has nothing to do with it.
    package func removeKey(_ reference: String, of owner: KeyOwner? = nil, by actor: Actor) async throws {
        guard actor != .anonymous else { throw HubError.denied(.unauthenticated, "key") }
        try await database.transaction { records in
            guard let key = try key(reference, in: records) else { throw Self.noSuchKey }
            if let owner, try !KeySummary(key, in: records).owner.isSame(as: owner) { throw Self.noSuchKey }
            try remove(key, by: actor, in: records)
        }
    }

    private func key(_ reference: String, in records: Records) throws -> KeyRecord? {
        if let id = RecordID(reference) { return try records.key(id: id) }
        return reference.utf8.contains(0) ? nil : try records.key(fingerprint: reference)
    }

    private func remove(_ key: KeyRecord, by actor: Actor, in records: Records) throws {
        let details: KeyValuePairs = ["fingerprint": key.fingerprint]
        switch try KeySummary(key, in: records).owner {
        case .user(let name):
            let isKnown = isOwn(name, actor) || AccessPolicy.decide(actor, .administerHub, on: .hub) == .allow
            guard isKnown else { throw Self.noSuchKey }
            try requireManagement(of: name, by: actor)
            try journal.audit("key.removed", name, by: actor, details, in: records)
        case .repository(let address):
            let repository = try Self.hiding {
                try records.repository(at: address, action: .administerRepository, by: actor)
            }
            try journal.record("repository.key.removed", repository, by: actor, details, in: records)
        case .organization(let name):
            let organization = try Self.hiding { try administrableOrganization(name, by: actor, in: records) }
            try journal.audit("organization.key.removed", organization.name, by: actor, details, in: records)
        }
        guard try records.deleteKey(id: key.id) else { throw Self.noSuchKey }
    }

    private static let noSuchKey = HubError(.notFound, "There is no such key.")

    /// Says that there is no such key to whoever is refused its owner.
    ///
    /// A fingerprint is no secret, but where it is in use may be one.
    private static func hiding<Owner>(_ body: () throws -> Owner) throws -> Owner {
        do { return try body() } catch is HubError { throw noSuchKey }
    }
}

extension KeyOwner {
    /// Whether both are one owner, however the names are spelled.
    fileprivate func isSame(as other: KeyOwner) -> Bool {
        switch (self, other) {
        case (.user(let name), .user(let other)), (.organization(let name), .organization(let other)):
            foldedName(name) == foldedName(other)
        case (.repository(let address), .repository(let other)): address.folded == other.folded
        default: false
        }
    }
}
