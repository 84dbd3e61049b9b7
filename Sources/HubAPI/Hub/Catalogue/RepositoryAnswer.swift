import Access
import GitCore
import HubCore
import JSON
import Metadata

/// A repository as the API tells of it, alone or in a list.
struct RepositoryAnswer {
    let record: RepositoryRecord
    let counts: RepositoryCounts
    /// The member `trendingScore`.
    let score: Int64
    var sha: String?
    var lastModified: Timestamp
    var tags: [String] = []
    var pipelineTag: String?
    var libraryName: String?
    var card: JSONValue?
    var details: [JSONValue.Member] = []
    /// The files; nil when they were not asked for.
    var siblings: [JSONValue]?

    /// A repository at a revision.
    init(_ description: RepositoryDescription, score: Int64, hasBlobs: Bool) {
        record = description.record
        counts = description.counts
        self.score = score
        sha = description.files?.commit.hex
        lastModified = description.files?.date ?? record.createdAt
        siblings = description.files?.files.map { $0.sibling(hasBlobs: hasBlobs) } ?? []
        if let facts = description.facts { take(facts) }
    }

    /// A repository in a list.
    init(_ entry: CatalogueEntry, score: Int64, hasDetails: Bool, files: [FileEntry]?) {
        record = entry.repository
        counts = entry.counts
        self.score = score
        sha = entry.head
        siblings = files?.map { $0.sibling(hasBlobs: false) }
        lastModified = entry.repository.updatedAt
        guard let card = entry.card else { return }
        if card.commit == entry.head { lastModified = card.committedAt }
        if hasDetails, let facts = CardFacts(card) {
            take(facts)
        } else {
            (tags, pipelineTag, libraryName) = (card.shownTags, card.pipelineTag, card.libraryName)
        }
    }

    private mutating func take(_ facts: CardFacts) {
        (tags, pipelineTag, libraryName) = (facts.tags, facts.pipelineTag, facts.libraryName)
        (card, details) = (facts.card, facts.details)
    }

    /// The members that are wanted, in the order of the specification.
    ///
    /// What there is nothing to say about is left out.
    func json(_ isWanted: (String) -> Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("_id", .string(record.id.description)), .init("id", .string(record.address.id)),
        ]
        if record.type == .model { members.append(.init("modelId", .string(record.address.id))) }
        for member in general + described + special where isWanted(member.name) { members.append(member) }
        return .object(members)
    }

    private var general: [JSONValue.Member] {
        [
            .init("author", .string(record.namespaceName)), .init("sha", JSONValue(sha)),
            .init("lastModified", .string(lastModified.description)),
            .init("createdAt", .string(record.createdAt.description)),
            .init("private", JSONValue(record.visibility == .private)), .init("gated", record.gate.json),
            .init("disabled", JSONValue(record.isDisabled)),
        ]
    }

    private var described: [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if record.type != .space {
            members += [
                .init("downloads", JSONValue(counts.downloads)),
                .init("downloadsAllTime", JSONValue(counts.downloadsAllTime)),
            ]
        }
        members += [
            .init("likes", JSONValue(counts.likes)), .init("trendingScore", JSONValue(score)),
            .init("usedStorage", JSONValue(counts.usedStorage)), .init("tags", JSONValue(tags)),
        ]
        if let card { members.append(.init("cardData", card)) }
        if let siblings { members.append(.init("siblings", .array(siblings))) }
        return members
    }

    /// Members of single types.
    private var special: [JSONValue.Member] {
        func fromCard(_ name: String, as member: String? = nil) -> [JSONValue.Member] {
            card?[name].map { [.init(member ?? name, $0)] } ?? []
        }
        switch record.type {
        case .model:
            let words = [("pipeline_tag", pipelineTag), ("library_name", libraryName)].compactMap { name, text in
                text.map { JSONValue.Member(name, .string($0)) }
            }
            return words + fromCard("widget", as: "widgetData") + fromCard("model-index") + details
        case .dataset: return fromCard("paperswithcode_id")
        case .space:
            let subdomain = "\(record.namespaceName)-\(record.name)".lowercased().map {
                $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-"
            }
            return fromCard("sdk") + [.init("subdomain", .string(String(subdomain)))] + words("models")
                + words("datasets")
        case .code, .mcp, .skill: return []
        }
    }

    /// A list of words of the card, however it writes them.
    private func words(_ name: String) -> [JSONValue.Member] {
        guard let value = card?[name] else { return [] }
        return [.init(name, JSONValue((value.elements ?? [value]).compactMap(\.text)))]
    }

    static let schema = APISchema.object([
        .required("_id", .string), .required("id", .string), .optional("modelId", .string),
        .optional("author", .string), .optional("sha", .nullable(.string)), .optional("lastModified", .date),
        .optional("createdAt", .date), .optional("private", .boolean), .optional("gated", .any),
        .optional("disabled", .boolean), .optional("downloads", .integer), .optional("downloadsAllTime", .integer),
        .optional("likes", .integer), .optional("trendingScore", .integer), .optional("usedStorage", .integer),
        .optional("tags", .array(.string)), .optional("cardData", .map(.any)),
        .optional("siblings", .array(.map(.any))), .optional("pipeline_tag", .string),
        .optional("library_name", .string), .optional("widgetData", .any), .optional("model-index", .any),
        .optional("config", .map(.any)), .optional("transformersInfo", .map(.any)), .optional("mask_token", .string),
        .optional(
            "safetensors",
            .object([.required("parameters", .map(.integer)), .required("total", .integer)])
        ),
        .optional("paperswithcode_id", .any), .optional("sdk", .any), .optional("subdomain", .string),
        .optional("models", .array(.string)), .optional("datasets", .array(.string)),
    ])
}
