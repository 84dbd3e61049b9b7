import Access
import LFS
import Metadata
import ObjectStore

extension Commits {
    /// The sizes of large files that a commit names, which the repository has afterwards.
    ///
    /// What it does not have is copied from any repository whose files the actor may read: no bytes move.
    /// - Returns: nothing for files that are not there for this actor.
    func sizes(
        of oids: [ObjectKey],
        in record: RepositoryRecord,
        by actor: Actor
    ) async throws -> [ObjectKey: Int64] {
        guard !oids.isEmpty else { return [:] }
        var rows = try await rows(of: oids, in: record)
        for (source, oids) in try await sources(of: oids.filter { rows[$0] == nil }, by: actor) {
            _ = try await lfs.copy(oids, from: source, to: record, by: actor)
        }
        if rows.count < Set(oids).count { rows = try await self.rows(of: oids, in: record) }
        return rows
    }

    private func rows(of oids: [ObjectKey], in record: RepositoryRecord) async throws -> [ObjectKey: Int64] {
        let rows = try await git.database.read { try $0.lfsObjects(repositoryID: record.id, oids: oids.map(\.hex)) }
        let pairs = oids.compactMap { oid in
            rows[oid.hex].flatMap { $0.removedAt == nil ? (oid, $0.size) : nil }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// For each object the first repository that has it and that the actor may read.
    private func sources(
        of oids: [ObjectKey],
        by actor: Actor
    ) async throws -> [(repository: RepositoryRecord, oids: [ObjectKey])] {
        var found: [RecordID: (repository: RepositoryRecord, oids: [ObjectKey])] = [:]
        for oid in oids {
            let source = try await git.database.read { records in
                try records.repositories(withLFSObject: oid.hex, limit: Self.candidates).lazy
                    .compactMap { try? records.repository(id: $0) }
                    .first { (try? records.authorize(actor, .readContent, $0)) != nil }
            }
            guard let source else { continue }
            found[source.id, default: (source, [])].oids.append(oid)
        }
        return Array(found.values)
    }

    /// Repositories that are asked whether the actor may read an object there.
    private static let candidates = 1_000
}
