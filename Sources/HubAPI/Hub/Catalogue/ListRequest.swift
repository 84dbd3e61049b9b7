import Access
import HTTPTypes
import HubCore
import Metadata

/// What the query of a list asks for.
struct ListRequest {
    private let call: APICall

    init(_ call: APICall) {
        self.call = call
    }

    /// The conditions; nil when they fit nothing here.
    ///
    /// - Throws: 400 for values that have no meaning.
    func query(_ type: RepositoryType) throws -> CatalogueQuery? {
        // Nothing on this hub computes for others.
        guard call.values("inference").isEmpty, call.values("inference_provider").isEmpty else { return nil }
        var query = CatalogueQuery(type: type)
        query.search = Self.words(call.values("search"))
        query.author = call.query.first("author").flatMap { $0.isEmpty ? nil : $0 }
        query.tags = try tags(type)
        query.isGated = try gate
        query.parameters = try parameters
        query.order = try order
        query.after = try call.query.first("cursor").map { text in
            guard let place = CataloguePosition(cursor: text) else {
                throw HTTPFailure(.badRequest, "The cursor is not one of ours.")
            }
            return place
        }
        return query
    }

    /// The words of texts; names have no spaces.
    static func words(_ texts: [String]) -> [String] {
        texts.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
    }

    private func tags(_ type: RepositoryType) throws -> [String] {
        var tags = (call.values("filter") + call.values("tags") + call.values("library") + call.values("task"))
            .filter { !$0.isEmpty }
        func add(_ name: String, _ prefix: String) {
            tags += call.values(name).filter { !$0.isEmpty }.map { $0.hasPrefix(prefix) ? $0 : prefix + $0 }
        }
        add("language", type == .dataset ? "language:" : "")
        add("license", "license:")
        add("trained_dataset", "dataset:")
        add("pipeline_tag", CardFacts.Term.pipeline)
        for group in ["task_categories", "task_ids", "size_categories", "multilinguality", "language_creators"] {
            add(group, "\(group):")
        }
        tags += try call.values("apps").map(Self.tag(ofApp:))
        guard type == .space else { return tags }
        add("models", CardFacts.Term.model)
        add("datasets", CardFacts.Term.dataset)
        if call.flag("linked") { tags.append(CardFacts.Term.linked) }
        return tags
    }

    /// What a program reads, by which the models are told that it can run.
    private static func tag(ofApp name: String) throws -> String {
        switch name {
        case "llama.cpp", "ollama", "lmstudio", "jan", "gpt4all", "koboldcpp": "gguf"
        case "vllm", "sglang", "tgi", "text-generation-inference": "transformers"
        case "diffusers", "draw-things", "invoke", "drawthings": "diffusers"
        default: throw HTTPFailure(.badRequest, "It is not known here what the program '\(name.prefix(100))' can run.")
        }
    }

    private var gate: Bool? {
        get throws {
            switch call.query.first("gated") {
            case nil, "": nil
            case "true", "True", "1": true
            case "false", "False", "0": false
            default: throw HTTPFailure(.badRequest, "The parameter 'gated' is true or false.")
            }
        }
    }

    private var order: CatalogueOrder {
        get throws {
            switch call.query.first("sort") {
            case nil, "", "trendingScore", "trending_score", "trending": .trend
            case "downloads": .downloads
            case "likes": .likes
            case "lastModified", "last_modified", "modified": .updated
            case "createdAt", "created_at", "created": .created
            default:
                throw HTTPFailure(
                    .badRequest,
                    "The parameter 'sort' is trendingScore, downloads, likes, lastModified or createdAt."
                )
            }
        }
    }

    /// `min:6B,max:128B`, either of which may be missing.
    private var parameters: ClosedRange<Int64>? {
        get throws {
            guard let text = call.query.first("num_parameters"), !text.isEmpty else { return nil }
            var (least, most) = (Int64(0), Int64.max)
            for part in text.split(separator: ",") {
                let sides = part.split(separator: ":", maxSplits: 1)
                guard sides.count == 2, let number = Self.number(sides[1]) else { throw Self.noRange }
                switch sides[0] {
                case "min": least = number
                case "max": most = number
                default: throw Self.noRange
                }
            }
            guard least <= most else { throw Self.noRange }
            return least...most
        }
    }

    private static let noRange = HTTPFailure(
        .badRequest,
        "The parameter 'num_parameters' is written min:6B,max:128B, with K, M, B or T behind numbers."
    )

    private static func number(_ text: Substring) -> Int64? {
        let units: [Character: Double] = ["K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12]
        let unit = text.last.flatMap { units[Character($0.uppercased())] }
        guard let number = Double(unit == nil ? text : text.dropLast()), number >= 0 else { return nil }
        let value = number * (unit ?? 1)
        return value < 9e18 ? Int64(value) : nil
    }
}

extension CataloguePosition {
    /// The place as text: the value that the list is sorted by, a dot, the repository's id.
    var cursor: String { "\(key).\(id.text)" }

    /// Reads a place; whatever place it is, nothing is shown that may not be seen.
    init?(cursor text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let key = Int64(parts[0]), let id = RecordID(parts[1]) else { return nil }
        self.init(key: key, id: id)
    }
}
