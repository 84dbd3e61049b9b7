import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Lists of repositories: search, filters, order.
struct ListOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, semanticSearch] }

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}",
            id: "listRepositories",
            "Repositories of a type that the asker may see, in some order, as many as fit the conditions.",
            tag: .lists,
            need: .nothing,
            query: Self.parameters,
            answers: [200: .json(.array(RepositoryAnswer.schema))]
        ) { call in
            guard let type = RepositoryType(pathSegment: call.parameter(PathTemplate.repositoryType)) else {
                throw HTTPFailure(.notFound, "There is nothing at this address.")
            }
            return try await list(type, call)
        }
    }

    private static let parameters: [APIOperation.Parameter] = [
        .init("search", .string, "A part of the id; each word must be there.", isRepeated: true),
        .init("author", .string, "Only those of this user or organization."),
        .init("filter", .string, "A tag; each must be there.", isRepeated: true),
        .init("pipeline_tag", .string, "What a model is for."),
        .init("gated", .boolean, "Only those with a gate, or only those without one."),
        .init("num_parameters", .string, "How many parameters a model's weights have: min:6B,max:128B."),
        .init("apps", .string, "Programs that can run a model.", isRepeated: true),
        .init("sort", .string, "trendingScore, downloads, likes, lastModified or createdAt; always descending."),
        .init("limit", .integer, "Repositories of a page, at most."),
        .init("full", .boolean, "With files and the metadata of cards."),
        .init("cardData", .boolean, "With the metadata of cards."),
        .init("config", .boolean, "With the configuration of models."),
        .init("expand", .string, "Only these members.", isRepeated: true),
        .init("linked", .boolean, "Only spaces that use models or datasets."),
        .init("models", .string, "Only spaces that use these models.", isRepeated: true),
        .init("datasets", .string, "Only spaces that use these datasets.", isRepeated: true),
        .init("cursor", .string, "Where the page begins."),
    ]

    private func list(_ type: RepositoryType, _ call: APICall) async throws -> Answer {
        let detail = ListDetail(call)
        let largest = detail.hasFiles ? Catalogue.largestFullPage : Catalogue.largestPage
        var query = try ListRequest(call).query(type)
        query?.limit = try call.integer("limit", in: 1...largest, default: largest)
        guard let query else { return .json([]) }
        let page = try await hub.catalogue.list(query, detail.level, by: call.actor)
        let answers = page.entries.map { entry in
            RepositoryAnswer(
                entry,
                score: hub.catalogue.score(entry.counts),
                hasDetails: detail.level != .brief,
                files: detail.hasFiles ? page.files[entry.repository.id] ?? [] : nil
            ).json(detail.isWanted)
        }
        return .json(.array(answers), headers: page.next.map { call.next(cursor: $0.cursor) } ?? [:])
    }

    /// Newer clients' search of spaces: by words, as there is nothing here that knows meanings.
    private var semanticSearch: APIOperation {
        APIOperation(
            .get,
            "/api/spaces/semantic-search",
            id: "searchSpaces",
            "Spaces whose id has all words of a question.",
            tag: .lists,
            need: .nothing,
            query: [
                .init("q", .string, "The words."),
                .init("filter", .string, "A tag; each must be there.", isRepeated: true),
                .init("sdk", .string, "What the spaces run on.", isRepeated: true),
            ],
            answers: [200: .json(.array(RepositoryAnswer.schema))]
        ) { call in
            var query = CatalogueQuery(type: .space)
            query.search = ListRequest.words([call.query.first("q") ?? ""])
            query.tags = call.values("filter") + call.values("sdk")
            query.limit = 50
            let page = try await hub.catalogue.list(query, .cards, by: call.actor)
            let answers = page.entries.map { entry in
                RepositoryAnswer(entry, score: hub.catalogue.score(entry.counts), hasDetails: true, files: nil)
                    .json { !ListDetail.onlyExpanded.contains($0) }
            }
            return .json(.array(answers))
        }
    }
}

/// How much a list tells of each repository.
struct ListDetail {
    private let expanded: Set<String>
    private let isFull: Bool
    private let hasCards: Bool
    private let hasConfigurations: Bool

    init(_ call: APICall) {
        expanded = Set(call.values("expand"))
        isFull = call.flag("full")
        hasCards = call.flag("cardData")
        hasConfigurations = call.flag("config") || call.flag("fetch_config")
    }

    /// Whether files are told.
    var hasFiles: Bool { expanded.isEmpty ? isFull : expanded.contains("siblings") }

    /// What has to be read.
    var level: CatalogueDetail {
        if hasFiles { return .files }
        let isBrief = expanded.isEmpty ? !isFull && !hasCards && !hasConfigurations : expanded.isSubset(of: Self.brief)
        return isBrief ? .brief : .cards
    }

    func isWanted(_ name: String) -> Bool {
        guard expanded.isEmpty else { return expanded.contains(name) }
        if Self.standard.contains(name) { return true }
        switch name {
        case "cardData": return isFull || hasCards
        case "config": return hasConfigurations
        case "siblings", "disabled", "paperswithcode_id", "sdk": return isFull
        default: return false
        }
    }

    private static let standard: Set<String> = [
        "author", "sha", "lastModified", "createdAt", "private", "gated", "downloads", "likes", "trendingScore", "tags",
        "pipeline_tag", "library_name",
    ]

    /// What stands in a repository's row.
    private static let brief = standard.union(["downloadsAllTime", "usedStorage", "disabled", "subdomain"])

    /// What is told of a single repository only when it is asked for.
    static let onlyExpanded: Set<String> = ["downloadsAllTime"]
}
