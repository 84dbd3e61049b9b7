import Access
package import GitCore
package import JSON
package import Metadata
import NIOCore

/// What a repository's files say about it at one commit.
package struct CardFacts: Sendable {
    /// The commit.
    package var commit: ObjectID
    /// When it was made.
    package var committedAt: Timestamp
    /// The tags, in the order in which they are shown.
    package var tags: [String] = []
    /// What a model is for.
    package var pipelineTag: String?
    /// What a model is used with.
    package var libraryName: String?
    /// The metadata of README.md: an object; nil without, or when it cannot be read.
    package var card: JSONValue?
    /// What else was found, by the names of the API: `config`, `safetensors`, `transformersInfo`, `mask_token`.
    package var details: [JSONValue.Member] = []
    /// How many parameters the weights have.
    var parameters: Int64?
    /// Bytes of the packs.
    var gitBytes: Int64 = 0
    /// Whether weights were left for the job to count.
    var isPartial = false
}

extension CardFacts {
    /// What files say about a repository of a type.
    init(
        _ type: RepositoryType,
        _ files: RepositoryFiles,
        weights: WeightCounts?,
        commit: ObjectID,
        committedAt: Timestamp
    ) {
        self.init(commit: commit, committedAt: committedAt)
        card = files.card
        if type == .model { describeModel(files, weights) }
        tags = CardTags(type, files, pipelineTag: pipelineTag, libraryName: libraryName).tags
    }

    private mutating func describeModel(_ files: RepositoryFiles, _ weights: WeightCounts?) {
        let (reading, configuration) = (CardReading(files.card), files.configuration)
        libraryName = reading.word("library_name") ?? FileTags.library(files)
        pipelineTag = reading.word("pipeline_tag") ?? configuration.pipelineTag
        parameters = weights?.total
        details = [
            ("config", configuration.json), ("transformersInfo", configuration.transformers),
            ("mask_token", configuration.maskToken.map(JSONValue.string)), ("safetensors", weights?.json),
        ].compactMap { name, value in value.map { JSONValue.Member(name, $0) } }
    }

    /// Facts as the database has them, if it has them with details.
    package init?(_ record: CardRecord) {
        guard let commit = ObjectID(hex: record.commit) else { return nil }
        self.init(commit: commit, committedAt: record.committedAt)
        tags = record.shownTags
        (pipelineTag, libraryName) = (record.pipelineTag, record.libraryName)
        (parameters, gitBytes) = (record.parameters, record.gitBytes)
        card = record.card.flatMap(Self.parse)
        details = Self.parse(record.details)?.members ?? []
    }

    /// Facts as the database keeps them.
    var record: CardRecord {
        CardRecord(
            commit: commit.hex,
            committedAt: committedAt,
            tags: Self.text(JSONValue(tags)),
            pipelineTag: pipelineTag,
            libraryName: libraryName,
            parameters: parameters,
            gitBytes: gitBytes,
            card: card.map(Self.text),
            details: Self.text(.object(details))
        )
    }

    private static func text(_ value: JSONValue) -> String { String(buffer: value.encoded()) }

    /// Reads what we wrote ourselves, so only memory bounds it.
    fileprivate static func parse(_ text: String) -> JSONValue? {
        var limits = JSONLimits(bytes: .max)
        (limits.depth, limits.values) = (128, 1_000_000)
        return try? JSONValue(parsing: Array(text.utf8), limits: limits)
    }
}

extension CardRecord {
    /// The tags, in the order in which they are shown.
    package var shownTags: [String] { (CardFacts.parse(tags)?.elements ?? []).compactMap(\.text) }
}

extension CardFacts {
    /// Terms of the index that say what a tag is; no list shows them.
    package enum Term {
        /// What a model is for.
        package static let pipeline = "@pipeline_tag:"
        /// What a model is used with.
        package static let library = "@library:"
        /// A language.
        package static let language = "@language:"
        /// A model that a space uses.
        package static let model = "@models:"
        /// A dataset that a space uses.
        package static let dataset = "@datasets:"
        /// A space that uses a model or dataset.
        package static let linked = "@linked"
    }

    /// What it is found by: its tags, and terms of the index.
    func terms(_ type: RepositoryType) -> Set<String> {
        let reading = CardReading(card)
        var terms = Set(tags)
        func add(_ texts: [String], _ prefix: String) {
            for text in texts where CardTags.isTag(text) { terms.insert(prefix + text) }
        }
        add(pipelineTag.map { [$0] } ?? [], Term.pipeline)
        add(libraryName.map { [$0] } ?? [], Term.library)
        if type != .dataset { add(reading.texts("language"), Term.language) }
        guard type == .space else { return terms }
        let (models, datasets) = (reading.texts("models"), reading.texts("datasets"))
        add(models, Term.model)
        add(datasets, Term.dataset)
        if !models.isEmpty || !datasets.isEmpty { terms.insert(Term.linked) }
        return terms
    }
}

extension CardFacts {
    /// About how many bytes it takes as JSON.
    var weight: Int {
        [card ?? .null, .object(details), JSONValue(tags)].reduce(0) { $0 + $1.encoded().readableBytes }
    }
}
