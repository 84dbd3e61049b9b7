package import Access
import GitCore
package import Metadata

/// A repository at a revision: all that the API tells of it.
package struct RepositoryDescription: Sendable {
    /// The repository.
    package var record: RepositoryRecord
    /// How much it is used.
    package var counts: RepositoryCounts
    /// The files; nil for a repository without commits, when no revision was named.
    package var files: RevisionFiles?
    /// What the files say; nil without commits.
    package var facts: CardFacts?
}

extension Catalogue {
    /// A repository at a revision, for an actor who may see it: a gate hides neither names nor metadata.
    ///
    /// What was pushed just now is read now, whether or not the job that keeps it has run.
    /// - Parameter revision: nil for the default branch.
    /// - Throws: `HubError` as `Access` decides; `.notFound` about the revision.
    package func describe(
        _ address: RepositoryAddress,
        revision: String?,
        by actor: Actor
    ) async throws -> RepositoryDescription {
        let (scene, known) = try await files.scene(address, .readRepository, by: actor) { record, records in
            guard let known = try records.counts(repositoryID: record.id) else { throw MetadataError.notFound }
            return known
        }
        var description = RepositoryDescription(record: scene.record, counts: known.counts)
        guard revision != nil || scene.refs.head != nil else { return description }
        let contents = try await files.files(scene, revision: revision)
        let facts = try await facts(scene, contents.commit, kept: known.cardCommit)
        (description.files, description.facts) = (contents, facts)
        // Until the job has run, the room that packs take is not in the database.
        if known.cardCommit == nil { description.counts.usedStorage += facts.gitBytes }
        return description
    }

    /// - Parameter kept: the commit of which the database knows them.
    private func facts(_ scene: Files.Scene, _ commit: ObjectID, kept: String?) async throws -> CardFacts {
        let id = scene.record.id
        if let known = cards.facts(of: id, at: commit) { return known }
        if kept == commit.hex, let kept = try await keptFacts(id), kept.commit == commit {
            cards.keep(kept, of: id)
            return kept
        }
        // Headers of weights may lie far away: a few are looked at, for the commit that most people ask for. The job counts
        // them all.
        let isHead = scene.refs.head?.oid == commit
        let reader = CardReader(files: files)
        do {
            let facts = try await reader.read(scene, commit: commit, mostWeights: isHead ? Self.mostWeights : 0)
            if !facts.isPartial { cards.keep(facts, of: id) }
            return facts
        } catch  where isHead && !Task.isCancelled {
            return try await reader.read(scene, commit: commit, mostWeights: 0)
        }
    }

    private static let mostWeights = 4

    private func keptFacts(_ id: RecordID) async throws -> CardFacts? {
        let entry = try await database.read { try $0.catalogueEntries([id], hasDetails: true).first }
        return entry?.card.flatMap(CardFacts.init)
    }
}

extension Catalogue {
    /// How much a repository is used at the moment: the member `trendingScore`.
    package func score(_ counts: RepositoryCounts) -> Int64 {
        Trend.score(counts.trend, at: environment.now())
    }
}
