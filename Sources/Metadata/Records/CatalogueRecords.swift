package import Access

/// What a list is sorted by; the greatest comes first.
package enum CatalogueOrder: String, Sendable, CaseIterable {
    /// What is used much at the moment.
    case trend
    case downloads
    case likes
    case updated = "updated_at"
    case created = "created_at"

    /// The column, which has an index together with type and visibility.
    var column: String { rawValue }
}

/// A place in a sorted list: the value that it is sorted by, and the repository, which decides among equals.
package struct CataloguePosition: Hashable, Sendable, Comparable {
    /// The value that the list is sorted by.
    package var key: Int64
    /// The repository.
    package var id: RecordID

    /// A place from its parts.
    package init(key: Int64, id: RecordID) {
        self.key = key
        self.id = id
    }

    /// Smaller comes later in the list.
    package static func < (left: CataloguePosition, right: CataloguePosition) -> Bool {
        left.key == right.key ? left.id < right.id : left.key < right.key
    }
}

/// Which repositories a list shows; all conditions must hold.
package struct CatalogueFilter: Sendable, Equatable {
    /// The most parts of names that are looked for at once.
    package static let mostTerms = 4
    /// The most tags that are asked for at once.
    package static let mostTags = 16

    /// Only those of this type.
    package var type: RepositoryType
    /// How it is sorted.
    package var order: CatalogueOrder
    /// Parts of "namespace/name", in lower case, without NUL; at most `mostTerms`.
    package var terms: [String]
    /// Only those of this namespace.
    package var namespaceID: RecordID?
    /// Tags, those of the index included; without NUL and duplicates, at most `mostTags`.
    package var tags: [String]
    /// Only those with a gate, or only those without one.
    package var isGated: Bool?
    /// Only those whose weights have so many parameters.
    package var parameters: ClosedRange<Int64>?

    /// All repositories of a type.
    package init(
        type: RepositoryType,
        order: CatalogueOrder = .trend,
        terms: [String] = [],
        namespaceID: RecordID? = nil,
        tags: [String] = [],
        isGated: Bool? = nil,
        parameters: ClosedRange<Int64>? = nil
    ) {
        self.type = type
        self.order = order
        self.terms = terms
        self.namespaceID = namespaceID
        self.tags = tags
        self.isGated = isGated
        self.parameters = parameters
    }

    /// Whether nothing but the type is asked for.
    var isPlain: Bool {
        terms.isEmpty && namespaceID == nil && tags.isEmpty && isGated == nil && parameters == nil
    }
}

/// Whose private repositories are looked for: a first choice, `Access` decides about each that is found.
package enum CatalogueAudience: Sendable, Equatable {
    /// Somebody who may see all.
    case all
    /// What is the user's own, of the user's organisations, or granted to the user.
    case user(RecordID)
    /// What is in a namespace.
    case namespace(RecordID)
    /// One repository.
    case repository(RecordID)
}

/// What was found in a list from some place on.
package struct CatalogueCandidates: Sendable, Equatable {
    /// Repositories that fit, in the order of the list.
    package var found: [CataloguePosition]
    /// The last place that was looked at; nil when that was the end of the list.
    package var end: CataloguePosition?
}

/// What a repository's files say about it, as it was read at one commit of the default branch.
package struct CardRecord: Sendable, Equatable {
    /// The commit, 40 hexadecimal digits.
    package var commit: String
    /// When it was made.
    package var committedAt: Timestamp
    /// JSON text: a list of strings.
    package var tags: String
    /// What a model is for.
    package var pipelineTag: String?
    /// What a model is used with.
    package var libraryName: String?
    /// How many parameters its weights have.
    package var parameters: Int64?
    /// Bytes of its packs.
    package var gitBytes: Int64
    /// JSON text: the metadata at the beginning of README.md; nil without or when it cannot be read.
    package var card: String?
    /// JSON text: an object with what else was found, by the names of the API.
    package var details: String

    /// A card from its parts.
    package init(
        commit: String,
        committedAt: Timestamp,
        tags: String,
        pipelineTag: String? = nil,
        libraryName: String? = nil,
        parameters: Int64? = nil,
        gitBytes: Int64 = 0,
        card: String? = nil,
        details: String = "{}"
    ) {
        self.commit = commit
        self.committedAt = committedAt
        self.tags = tags
        self.pipelineTag = pipelineTag
        self.libraryName = libraryName
        self.parameters = parameters
        self.gitBytes = gitBytes
        self.card = card
        self.details = details
    }
}

/// How much a repository is used, and how much room it takes.
package struct RepositoryCounts: Sendable, Equatable {
    /// Downloads of the last thirty days.
    package var downloads: Int64 = 0
    /// Downloads since it was made.
    package var downloadsAllTime: Int64 = 0
    /// How many people like it.
    package var likes: Int64 = 0
    /// The logarithm of its weighted use, which only grows; the hub's use cases know the unit.
    package var trend: Int64 = 0
    /// Bytes of its packs and large files.
    package var usedStorage: Int64 = 0
}

/// A repository as lists show it.
package struct CatalogueEntry: Sendable, Equatable {
    /// The repository.
    package var repository: RepositoryRecord
    /// Its counts.
    package var counts: RepositoryCounts
    /// The commit at the tip of the default branch, 40 hexadecimal digits; nil while that is not there.
    package var head: String?
    /// What its files say; nil until they were read.
    ///
    /// `card` and `details` are left out unless they were asked for.
    package var card: CardRecord?
}
