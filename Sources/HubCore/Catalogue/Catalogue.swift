import Access
import GitCore
import Logging
import Metadata

/// What there is and how it is found: cards, search, lists, counts of use.
package struct Catalogue: Sendable {
    let database: Database
    let environment: HubEnvironment
    let logger: Logger
    let files: Files
    let cards = CardCache()
    let common: CommonTags
    /// Counts downloads, in memory first.
    package let downloads: Downloads

    /// The catalogue of the repositories in `metadata`, which must have been migrated, whose contents are in `files`.
    init(metadata: MetadataStore, environment: HubEnvironment, logger: Logger, files: Files) {
        database = Database(store: metadata)
        self.environment = environment
        self.logger = logger
        self.files = files
        common = CommonTags(database: database)
        downloads = Downloads(database: database, environment: environment, logger: logger)
    }

    /// Work that can wait.
    var jobs: [JobKind] { [cardJob, downloads.forgettingJob] }
}

extension Catalogue {
    /// Reads a repository's files after its default branch has changed, and keeps what they say.
    ///
    /// Reading is idempotent: the branch as it is then counts, whatever it was when the job was asked for.
    private var cardJob: JobKind {
        JobKind(Records.cardJob, concurrency: 2, seconds: 120) { job in
            guard let id = RecordID(job.key) else { return }
            try await refresh(id)
        }
    }

    private func refresh(_ id: RecordID) async throws {
        guard let scene = try await files.scene(of: id) else { return }
        let type = scene.record.type
        guard scene.refs.head != nil else {
            return try await database.transaction { try $0.deleteCard(repositoryID: id, type: type) }
        }
        let facts = try await CardReader(files: files).read(scene, mostWeights: WeightFile.most)
        let (record, terms) = (facts.record, facts.terms(type))
        _ = try await database.transaction { try $0.setCard(repositoryID: id, type: type, record, foundBy: terms) }
        cards.keep(facts, of: id)
    }
}
