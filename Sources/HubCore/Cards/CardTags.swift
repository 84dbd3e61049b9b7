import Access
import JSON

/// What a repository's files say, besides the files themselves.
struct RepositoryFiles {
    /// The metadata of README.md; nil without, or when it cannot be read.
    var card: JSONValue?
    /// Papers that README.md names, as arXiv numbers them.
    var papers: [String] = []
    /// Paths of files, not necessarily all of many.
    var names: [String] = []
    /// config.json and the like.
    var configuration = ModelConfiguration()
}

/// The tags of a repository, in the order in which they are shown.
///
/// - Source: specs of the Hugging Face hub, "Tags from the card".
struct CardTags {
    /// The most tags of a repository.
    static let most = 500
    /// The longest tag, in bytes.
    static let longest = 256

    private(set) var tags: [String] = []
    private var known: Set<String> = []

    /// The tags of a repository of a type.
    init(_ type: RepositoryType, _ files: RepositoryFiles, pipelineTag: String?, libraryName: String?) {
        let card = CardReading(files.card)
        switch type {
        case .model: addModel(files, card, pipelineTag, libraryName)
        case .dataset: addDataset(files, card)
        case .space: addSpace(card)
        case .code, .mcp, .skill: addOther(card)
        }
    }

    private mutating func addModel(
        _ files: RepositoryFiles,
        _ card: CardReading,
        _ pipelineTag: String?,
        _ libraryName: String?
    ) {
        add(libraryName.map { [$0] } ?? [])
        add(FileTags.ofModel(files.names))
        if files.configuration.isTransformers { add(["transformers"]) }
        add(files.configuration.modelType.map { [$0] } ?? [])
        add(pipelineTag.map { [$0] } ?? [])
        add(card.texts("tags") + card.texts("language"))
        add(card.texts("datasets"), prefix: "dataset:")
        add(files.papers, prefix: "arxiv:")
        addBases(files, card)
        add(card.texts("license"), prefix: "license:")
        add(["region:us"])
    }

    private mutating func addBases(_ files: RepositoryFiles, _ card: CardReading) {
        let bases = card.texts("base_model")
        guard !bases.isEmpty else { return }
        add(bases, prefix: "base_model:")
        let relation = card.texts("base_model_relation").first ?? Self.relation(files, bases)
        add(bases, prefix: "base_model:\(relation):")
    }

    /// What a model is to its base when the card does not say.
    private static func relation(_ files: RepositoryFiles, _ bases: [String]) -> String {
        if files.names.contains("adapter_config.json") { return "adapter" }
        if bases.count > 1 { return "merge" }
        return files.names.contains { $0.hasSuffix(".gguf") } ? "quantized" : "finetune"
    }

    private mutating func addDataset(_ files: RepositoryFiles, _ card: CardReading) {
        let groups = [
            "task_categories", "task_ids", "annotations_creators", "language_creators", "multilinguality",
            "source_datasets", "language", "license", "size_categories",
        ]
        for group in groups { add(card.texts(group), prefix: "\(group):") }
        add(FileTags.ofDataset(files.names))
        add(files.papers, prefix: "arxiv:")
        add(card.texts("tags"))
        add(["region:us"])
    }

    private mutating func addSpace(_ card: CardReading) {
        add(card.texts("sdk") + card.texts("tags"))
        add(card.texts("license"), prefix: "license:")
        add(["region:us"])
    }

    private mutating func addOther(_ card: CardReading) {
        add(card.texts("tags") + card.texts("language"))
        add(card.texts("license"), prefix: "license:")
    }

    private mutating func add(_ texts: [String], prefix: String = "") {
        for text in texts where tags.count < Self.most {
            let tag = prefix + text
            guard Self.isTag(tag), known.insert(tag).inserted else { continue }
            tags.append(tag)
        }
    }

    /// Whether a text may be a tag: not too long, and nothing that a terminal or a database stumbles over.
    static func isTag(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longest && !text.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }
}

/// Reads single entries of a card; whoever wrote it may have written anything.
struct CardReading {
    private let card: JSONValue?

    init(_ card: JSONValue?) {
        self.card = card
    }

    /// The word of an entry that is one, if it may be a tag.
    func word(_ name: String) -> String? { texts(name).first.flatMap { CardTags.isTag($0) ? $0 : nil } }

    /// The words of an entry that is one or a list of them; numbers count as words, such as a licence `0.1`.
    func texts(_ name: String) -> [String] {
        guard let value = card?[name] else { return [] }
        return (value.elements ?? [value]).prefix(CardTags.most).compactMap { element in
            switch element {
            case .string(let text): text
            case .integer(let number): String(number)
            case .number(let spelling): spelling
            default: nil
            }
        }
    }
}

/// What can be told by the names of files.
enum FileTags {
    /// Formats of weights.
    static func ofModel(_ names: [String]) -> [String] {
        let kinds: [(tag: String, fits: (String) -> Bool)] = [
            ("pytorch", { $0.hasSuffix("pytorch_model.bin") || $0.hasSuffix("pytorch_model.bin.index.json") }),
            ("tf", { $0.hasSuffix("tf_model.h5") }), ("jax", { $0.hasSuffix("flax_model.msgpack") }),
            ("onnx", { $0.hasSuffix(".onnx") }), ("safetensors", { $0.hasSuffix(".safetensors") }),
            ("gguf", { $0.hasSuffix(".gguf") }), ("tensorboard", { $0.contains("tfevents") }),
        ]
        return kinds.filter { names.contains(where: $0.fits) }.map(\.tag)
    }

    /// Formats of data, and what kind of data they must be.
    static func ofDataset(_ names: [String]) -> [String] {
        let suffixes = Set(names.compactMap { name in name.split(separator: ".").dropFirst().last?.lowercased() })
        func has(_ some: String...) -> Bool { !suffixes.isDisjoint(with: some) }
        var tags: [String] = []
        if has("parquet") { tags.append("format:parquet") }
        if has("csv", "tsv") { tags.append("format:csv") }
        if has("jsonl") || names.contains(where: { $0.hasPrefix("data/") && $0.hasSuffix(".json") }) {
            tags.append("format:json")
        }
        if has("arrow") { tags.append("format:arrow") }
        if has("txt") { tags.append("format:text") }
        if has("txt", "csv", "tsv", "jsonl") { tags.append("modality:text") }
        if has("png", "jpg", "jpeg", "webp") { tags.append("modality:image") }
        if has("wav", "mp3", "flac", "ogg") { tags.append("modality:audio") }
        if has("mp4", "mkv", "webm") { tags.append("modality:video") }
        return tags
    }

    /// The library that a model is made for, when its card does not say.
    static func library(_ files: RepositoryFiles) -> String? {
        let root = Set(files.names.filter { !$0.contains("/") })
        if root.contains("adapter_config.json") { return "peft" }
        if root.contains("model_index.json") { return "diffusers" }
        if root.contains("modules.json"), root.contains("config_sentence_transformers.json") {
            return "sentence-transformers"
        }
        return files.configuration.isTransformers ? "transformers" : nil
    }
}
