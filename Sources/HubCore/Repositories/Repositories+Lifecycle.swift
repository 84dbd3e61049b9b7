package import Access
import Logging
package import Metadata

extension Repositories {
    /// Makes a repository, empty or with a first commit.
    ///
    /// The directory comes first and the row second: a crash between them leaves a directory that nothing points to, which
    /// is swept at the next start. Whoever may write in an organisation but not administer it administers what they make.
    /// - Throws: `HubError.invalid` for a name against the rules; `.forbidden` in a namespace where the actor may not
    ///   write or that does not exist; `.conflict` when the address is taken.
    package func create(_ new: NewRepository, by actor: Actor) async throws -> RepositoryRecord {
        let id = try environment.newID()
        // Looks before it leaves anything on the disk; the transaction looks again.
        _ = try await database.read { try record(id, new, by: actor, in: $0) }
        return try await withStorageErrors {
            try await storage.createDirectory(for: id)
            do {
                let repository = try await insert(id, new, by: actor)
                if new.initialize { try await writeInitialCommit(to: repository, sdk: new.sdk, by: actor) }
                return repository
            } catch {
                await removeDirectory(of: id)
                throw error
            }
        }
    }

    /// Deletes a repository: at once for everybody, its files soon after.
    ///
    /// - Throws: `HubError.notFound`, `.forbidden` and so on, as `resolve` does.
    package func delete(_ address: RepositoryAddress, by actor: Actor) async throws {
        let id = try await database.transaction { records in
            let repository = try records.repository(at: address, action: .deleteRepository, by: actor)
            try journal.record("repository.deleted", repository, by: actor, in: records)
            try records.deleteRepository(id: repository.id)
            return repository.id
        }
        await removeDirectory(of: id)
    }

    /// Gives a repository another address; the old one leads there from now on, until a new repository is made at it.
    ///
    /// Within a namespace it takes `moveRepository`; into another one the right to make repositories there as well.
    /// - Throws: `HubError.conflict` when the new address is taken; `.invalid` for a name against the rules or another type.
    package func move(
        _ from: RepositoryAddress,
        to target: RepositoryAddress,
        by actor: Actor
    ) async throws -> RepositoryRecord {
        let name = try Self.checkedName(target)
        guard from.type == target.type else { throw HubError.invalid("A repository cannot change its type.") }
        return try await database.transaction { records in
            let repository = try records.repository(at: from, action: .moveRepository, by: actor)
            let namespace = try namespace(named: target.namespace, for: actor, of: repository, in: records)
            let other = try records.repository(type: target.type, namespace: namespace.name, name: name)
            guard other == nil || other?.id == repository.id else { throw Self.taken(target) }
            try records.moveRepository(id: repository.id, toNamespace: namespace.id, name: name, at: environment.now())
            guard let moved = try records.repository(id: repository.id) else { throw MetadataError.notFound }
            try journal.record("repository.moved", moved, from: repository.address, by: actor, in: records)
            return moved
        }
    }

    private func insert(_ id: RecordID, _ new: NewRepository, by actor: Actor) async throws -> RepositoryRecord {
        try await database.transaction { records in
            let (repository, role) = try record(id, new, by: actor, in: records)
            try insert(repository, role, by: actor, in: records)
            return repository
        }
    }

    /// Adds the row, with the right to administer it for whoever makes it, and the event.
    ///
    /// - Parameter role: the actor's own in the namespace.
    func insert(_ repository: RepositoryRecord, _ role: Role?, by actor: Actor, in records: Records) throws {
        try records.insertRepository(repository)
        if let userID = actor.userID, role == .write {
            try records.setGrant(repositoryID: repository.id, userID: userID, role: .admin)
        }
        let details: KeyValuePairs = ["visibility": repository.visibility.rawValue]
        try journal.record("repository.created", repository, by: actor, details, in: records)
    }

    /// The row to be, and the actor's own role in the namespace, after all checks.
    func record(
        _ id: RecordID,
        _ new: NewRepository,
        by actor: Actor,
        in records: Records
    ) throws -> (RepositoryRecord, Role?) {
        let name = try Self.checkedName(new.address)
        let (namespace, role) = try creatableNamespace(new.address.namespace, by: actor, in: records)
        guard try records.repository(type: new.address.type, namespace: namespace.name, name: name) == nil else {
            throw Self.taken(new.address)
        }
        let now = environment.now()
        let repository = RepositoryRecord(
            id: id,
            namespaceID: namespace.id,
            namespaceName: namespace.name,
            type: new.address.type,
            name: name,
            visibility: new.visibility,
            createdAt: now,
            updatedAt: now
        )
        return (repository, role)
    }

    /// The namespace a repository is to be moved to; staying in its own takes no further right.
    private func namespace(
        named name: String,
        for actor: Actor,
        of repository: RepositoryRecord,
        in records: Records
    ) throws -> NamespaceRecord {
        if let namespace = try records.namespace(byName: name), namespace.id == repository.namespaceID {
            return namespace
        }
        return try creatableNamespace(name, by: actor, in: records).0
    }

    /// A namespace that does not exist is one in which the actor has no role; only who may make repositories everywhere is
    /// told the difference.
    private func creatableNamespace(
        _ name: String,
        by actor: Actor,
        in records: Records
    ) throws -> (NamespaceRecord, Role?) {
        let namespace = try records.namespace(byName: name)
        let facts = try namespace.map { try records.facts(of: $0, for: actor) }
        let nobodysPlace = NamespaceFacts(id: try environment.newID())
        let resource = Resource.namespace(facts ?? nobodysPlace)
        try AccessPolicy.decide(actor, .createRepository, on: resource).require("namespace")
        guard let namespace else { throw HubError(.notFound, "There is no such user or organization.") }
        return (namespace, facts?.role)
    }

    /// A repository whose first commit fails was never there.
    private func writeInitialCommit(to repository: RepositoryRecord, sdk: String?, by actor: Actor) async throws {
        do {
            try await storage.writeInitialCommit(to: repository, author: actor, sdk: sdk)
        } catch {
            let failure = error
            try await database.transaction { try $0.deleteRepository(id: repository.id) }
            throw failure
        }
    }

    /// What is left is swept at the next start, so failing here is no reason to fail the use case.
    func removeDirectory(of id: RecordID) async {
        do {
            try await storage.removeDirectory(for: id)
        } catch {
            logger.warning("repository directory not removed", metadata: ["repository": "\(id)", "error": "\(error)"])
        }
    }

    func withStorageErrors<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch { throw HubError.translating(error) }
    }

    private static func checkedName(_ address: RepositoryAddress) throws(HubError) -> String {
        do throws(NameError) { return try RepositoryName(address.name).text } catch { throw .invalid(error) }
    }

    private static func taken(_ address: RepositoryAddress) -> HubError {
        HubError(.conflict, "The repository \(address.id) exists already.")
    }
}
