package import Access
package import Metadata

/// Which repositories people like.
package struct Likes: Sendable {
    private let database: Database
    private let environment: HubEnvironment
    private let journal: Journal

    /// The most repositories that one user likes.
    package static let mostLikes = 10_000
    package static let largestPage = 1_000
    /// Likes that are looked at for one page: those of repositories that the asker may not see are passed over.
    private static let mostLooks = 2_000

    /// Likes of the repositories in `metadata`.
    init(metadata: MetadataStore, environment: HubEnvironment) {
        database = Database(store: metadata)
        self.environment = environment
        journal = Journal(environment: environment)
    }

    /// Notes whether the actor likes a repository; saying it again changes nothing.
    ///
    /// - Throws: `HubError` unless the actor takes part with an account; `.limited` for one like too many.
    package func set(_ isLiked: Bool, _ address: RepositoryAddress, by actor: Actor) async throws {
        try await database.transaction { records in
            let repository = try records.repository(at: address, action: .participate, by: actor)
            guard let userID = actor.userID else { throw HubError(.forbidden, "Keys of repositories like nothing.") }
            guard try change(isLiked, repository, userID, records) else { return }
            let now = environment.now()
            let weight = isLiked ? Trend.likeWeight : 0
            _ = try records.changeLikes(repositoryID: repository.id, by: isLiked ? 1 : -1) {
                Trend.value($0, adding: weight, at: now)
            }
        }
    }

    private func change(
        _ isLiked: Bool,
        _ repository: RepositoryRecord,
        _ userID: RecordID,
        _ records: Records
    ) throws -> Bool {
        guard isLiked else { return try records.deleteLike(repositoryID: repository.id, userID: userID) }
        guard try records.likeCount(userID: userID) < Self.mostLikes else {
            throw HubError(.invalid, "An account likes at most \(Self.mostLikes) repositories.")
        }
        return try records.insertLike(
            id: try environment.newID(),
            repositoryID: repository.id,
            userID: userID,
            at: environment.now()
        )
    }

    /// A page of who likes a repository.
    package func likers(
        _ address: RepositoryAddress,
        after: String?,
        limit: Int,
        by actor: Actor
    ) async throws -> [PersonRecord] {
        try await database.read { records in
            let repository = try records.repository(at: address, action: .readRepository, by: actor)
            return try records.likers(repositoryID: repository.id, after: after, limit: limit)
        }
    }

    /// A page of what a user likes, as far as the actor may see it, and where the next page begins.
    package func likes(
        of name: String,
        after: RecordID?,
        limit: Int,
        by actor: Actor
    ) async throws -> (likes: [(like: LikeRecord, repository: RepositoryRecord)], next: RecordID?) {
        try await database.read { records in
            let user = try Profiles.user(name, for: actor, in: records)
            let limit = min(max(limit, 1), Self.largestPage)
            var found: [(like: LikeRecord, repository: RepositoryRecord)] = []
            var (last, looks) = (after, 0)
            while found.count < limit, looks < Self.mostLooks {
                let rows = try records.likes(userID: user.id, after: last, limit: limit)
                for row in rows {
                    (last, looks) = (row.id, looks + 1)
                    guard let repository = try records.repository(id: row.repositoryID) else { continue }
                    let facts = try records.facts(of: repository, for: actor)
                    guard AccessPolicy.decide(actor, .readRepository, on: .repository(facts)) == .allow else {
                        continue
                    }
                    found.append((row, repository))
                    if found.count == limit { break }
                }
                guard rows.count == limit else { return (found, found.count == limit ? last : nil) }
            }
            return (found, last)
        }
    }
}
