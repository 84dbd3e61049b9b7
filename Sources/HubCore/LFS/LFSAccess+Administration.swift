package import Access
import LFS
package import Metadata
package import ObjectStore

/// What large files amount to.
package struct LFSUsageReport: Sendable, Equatable {
    /// One repository.
    package struct Repository: Sendable, Equatable {
        /// Where it is.
        package var address: RepositoryAddress
        /// Its objects, their bytes and its quota.
        package var usage: LFSUsage
        /// Bytes that they take in the store.
        package var stored: Int64
    }

    /// Repositories that have large files or a quota, in the order of their creation.
    package var repositories: [Repository] = []
    /// All of them: each object counted as often as repositories have it.
    package var logical = LFSUsage()
    /// What is stored: each object once.
    package var physical = LFSUsage()
}

extension LFSAccess {
    /// What the large files of a repository amount to, and its quota.
    ///
    /// - Throws: `HubError` as `Access` decides about reading it.
    package func usage(of address: RepositoryAddress, by actor: Actor) async throws -> LFSUsage {
        try await database.read { records in
            let repository = try records.repository(at: address, action: .readRepository, by: actor)
            return try records.lfsUsage(repositoryID: repository.id)
        }
    }

    /// Bytes that the large files of a repository take in the store.
    ///
    /// - Throws: `HubError` as `Access` decides about reading it.
    package func storedBytes(of address: RepositoryAddress, by actor: Actor) async throws -> Int64 {
        try await database.read { records in
            let repository = try records.repository(at: address, action: .readRepository, by: actor)
            return try records.storedBytes(repositoryID: repository.id)
        }
    }

    /// What the large files of a namespace amount to, and its quota.
    ///
    /// - Throws: `HubError` unless the actor administers the namespace.
    package func usage(ofNamespace name: String, by actor: Actor) async throws -> LFSUsage {
        try await database.read { records in
            let namespace = try administered(name, by: actor, records)
            return try records.lfsUsage(namespaceID: namespace.id)
        }
    }

    /// What all large files amount to; it lists the whole store.
    ///
    /// - Throws: `HubError` unless the actor administers the hub.
    package func usage(by actor: Actor) async throws -> LFSUsageReport {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        var report = LFSUsageReport()
        report.logical = try await database.read { try $0.lfsUsage() }
        try await forEachRepository { record in
            let (usage, stored) = try await database.read { records in
                (try records.lfsUsage(repositoryID: record.id), try records.storedBytes(repositoryID: record.id))
            }
            guard usage.objects > 0 || usage.quota != nil else { return }
            report.repositories.append(
                LFSUsageReport.Repository(address: record.address, usage: usage, stored: stored)
            )
        }
        try await forEachStoredObject { page in
            report.physical.objects += Int64(page.count)
            report.physical.bytes += page.reduce(0) { $0 + $1.size }
        }
        return report
    }

    /// What all large files amount to together: each as often as repositories have it, and each once as it is stored.
    ///
    /// - Parameter countsStored: whether the whole store is listed for the second number.
    /// - Throws: `HubError` unless the actor administers the hub.
    package func total(countsStored: Bool, by actor: Actor) async throws -> (logical: LFSUsage, stored: LFSUsage?) {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        let logical = try await database.read { try $0.lfsUsage() }
        guard countsStored else { return (logical, nil) }
        var stored = LFSUsage()
        try await forEachStoredObject { page in
            stored.objects += Int64(page.count)
            stored.bytes += page.reduce(0) { $0 + $1.size }
        }
        return (logical, stored)
    }

    /// Bounds the large files of a repository; nil lifts the bound.
    ///
    /// Only who administers the hub sets quotas.
    ///
    /// - Throws: `HubError` as `Access` decides; `.invalid` for a negative number.
    package func setQuota(of address: RepositoryAddress, bytes: Int64?, by actor: Actor) async throws {
        try Self.check(bytes)
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        try await database.transaction { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            try records.setLFSQuota(repositoryID: repository.id, bytes: bytes)
            let details: KeyValuePairs = ["bytes": bytes.map(String.init) ?? "none"]
            try journal.record("repository.lfs.quota.changed", repository, by: actor, details, in: records)
        }
    }

    /// Bounds the large files of all repositories of a namespace together; nil lifts the bound.
    ///
    /// - Throws: `HubError` as `Access` decides; `.invalid` for a negative number.
    package func setQuota(ofNamespace name: String, bytes: Int64?, by actor: Actor) async throws {
        try Self.check(bytes)
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        try await database.transaction { records in
            guard let namespace = try records.namespace(byName: name) else {
                throw HubError(.notFound, "There is no such user or organization.")
            }
            try records.setLFSQuota(namespaceID: namespace.id, bytes: bytes)
            let details: KeyValuePairs = ["bytes": bytes.map(String.init) ?? "none"]
            try journal.audit("namespace.lfs.quota.changed", namespace.name, by: actor, details, in: records)
        }
    }

    /// Takes one object away, from one repository or from all; its bytes go out of sight once no repository has it.
    ///
    /// Clients are told that it was removed. It can be sent again.
    /// - Parameter address: the repository; nil for all.
    /// - Returns: the repositories that had it.
    /// - Throws: `HubError` unless the actor administers the hub; `.notFound` when no such repository has it.
    package func delete(
        _ oid: ObjectKey,
        from address: RepositoryAddress?,
        by actor: Actor
    ) async throws -> [RepositoryAddress] {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        let now = environment.now()
        let owners = try await database.transaction { records in
            let only = try address.map { try records.repository(at: $0, action: .administerRepository, by: actor).id }
            let ids = try records.repositories(withLFSObject: oid.hex).filter { only == nil || $0 == only }
            let owners = try ids.compactMap { try records.repository(id: $0) }
            for owner in owners {
                _ = try records.removeLFSObject(repositoryID: owner.id, oid: oid.hex, at: now)
                try journal.record("repository.lfs.removed", owner, by: actor, ["oid": oid.hex], in: records)
            }
            if try records.repositories(withLFSObject: oid.hex).isEmpty {
                try records.deleteXetFiles(oid: oid.hex, at: now)
            }
            return owners.map(\.address)
        }
        let size = try await withStore { try await store.size(of: oid) }
        guard !owners.isEmpty || (address == nil && size != nil) else {
            throw HubError(.notFound, "There is no such object.")
        }
        if let size { _ = try await setAside(oid, size: size, at: now) }
        return owners
    }

    /// Takes objects away from a repository for somebody who may write to it; their bytes go out of sight once no
    /// repository has them.
    ///
    /// - Throws: `HubError` unless the actor still may write to the repository.
    func delete(_ oids: Set<ObjectKey>, from repository: RepositoryRecord, by actor: Actor) async throws {
        let now = environment.now()
        let removed = try await database.transaction { records in
            try records.authorize(actor, .writeRepository, repository)
            let rows = try records.lfsObjects(repositoryID: repository.id, oids: oids.map(\.hex)).values
            let removed = rows.filter { $0.removedAt == nil }
            for row in removed {
                _ = try records.removeLFSObject(repositoryID: repository.id, oid: row.oid, at: now)
                try journal.record("repository.lfs.removed", repository, by: actor, ["oid": row.oid], in: records)
            }
            return removed
        }
        for row in removed {
            if let oid = ObjectKey(hex: row.oid) { _ = try await setAside(oid, size: row.size, at: now) }
        }
    }

    private func administered(_ name: String, by actor: Actor, _ records: Records) throws -> NamespaceRecord {
        let namespace = try records.namespace(byName: name)
        let facts = try namespace.map { try records.facts(of: $0, for: actor) }
        let resource = Resource.namespace(try facts ?? NamespaceFacts(id: environment.newID()))
        try AccessPolicy.decide(actor, .administerNamespace, on: resource).require("namespace")
        guard let namespace else { throw HubError(.notFound, "There is no such user or organization.") }
        return namespace
    }

    private static func check(_ bytes: Int64?) throws(HubError) {
        guard let bytes, bytes < 0 else { return }
        throw HubError.invalid("A quota is not negative.")
    }
}
