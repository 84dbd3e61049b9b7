package import Access
import Metadata

/// Tags that public repositories have, grouped by what they say; counted at most every few minutes.
actor CommonTags {
    /// Seconds for which an answer is good.
    private static let seconds: Int64 = 300
    /// The most tags of a type that are looked at.
    private static let most = 10_000

    private let database: Database
    private var known: [RepositoryType: (tags: Task<[String], any Error>, at: Timestamp)] = [:]

    init(database: Database) {
        self.database = database
    }

    /// The tags of a type, those on most repositories first, terms of the index included.
    ///
    /// Whoever asks while somebody counts waits for the same count.
    func tags(_ type: RepositoryType, at now: Timestamp) async throws -> [String] {
        if let known = known[type], now < known.at.adding(seconds: Self.seconds) { return try await known.tags.value }
        let database = database
        let task = Task { try await database.read { try $0.commonTags(type: type, limit: Self.most).map(\.tag) } }
        known[type] = (task, now)
        do {
            return try await task.value
        } catch {
            known[type] = nil
            throw error
        }
    }
}

/// A tag that repositories can be filtered by.
package struct CommonTag: Sendable, Equatable {
    /// What it says: `license`, `language`, `pipeline_tag`, `other` and so on.
    package var group: String
    /// As it is given to `filter`.
    package var id: String
    /// The same without its group.
    package var label: String
}

extension Catalogue {
    /// The tags of public repositories of a type, those on most repositories first.
    ///
    /// Minutes old at worst.
    package func commonTags(_ type: RepositoryType) async throws -> [CommonTag] {
        let tags = try await common.tags(type, at: environment.now())
        var groups: [String: String] = [:]
        for (prefix, group) in [
            (CardFacts.Term.language, "language"), (CardFacts.Term.library, "library"),
            (CardFacts.Term.pipeline, "pipeline_tag"),
        ] {
            for tag in tags where tag.hasPrefix(prefix) { groups[String(tag.dropFirst(prefix.count))] = group }
        }
        return tags.filter { !$0.hasPrefix("@") }.map { tag in
            if let group = groups[tag] { return CommonTag(group: group, id: tag, label: tag) }
            let parts = tag.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, Self.groups.contains(String(parts[0])) else {
                return CommonTag(group: "other", id: tag, label: tag)
            }
            return CommonTag(group: String(parts[0]), id: tag, label: String(parts[1]))
        }
    }

    private static let groups: Set<String> = [
        "license", "region", "dataset", "language", "task_categories", "task_ids", "size_categories", "multilinguality",
        "annotations_creators", "language_creators", "source_datasets", "format", "modality", "base_model", "arxiv",
    ]
}
