import JSON
import NIOCore

/// What the configuration files of a model say, as far as the API shows it.
struct ModelConfiguration {
    /// The longest of the files that is read, in bytes.
    static let longestFile = 1 << 20
    /// The longest template for chats that is shown, in bytes.
    private static let longestTemplate = 64 << 10

    /// config.json.
    var model: JSONValue?
    /// tokenizer_config.json.
    var tokenizer: JSONValue?

    /// The files that it is read from, beside the README.
    static let names = ["config.json", "tokenizer_config.json"]

    /// The architecture's family, such as "bert".
    var modelType: String? { model?["model_type"]?.text }

    /// Whether it is made for the transformers library.
    var isTransformers: Bool { modelType != nil || !architectures.isEmpty }

    private var architectures: [String] {
        (model?["architectures"]?.elements ?? []).prefix(16).compactMap(\.text)
    }

    /// The member `config`; nil when there is nothing to say.
    var json: JSONValue? {
        var members: [JSONValue.Member] = []
        if !architectures.isEmpty { members.append(.init("architectures", JSONValue(architectures))) }
        if let modelType { members.append(.init("model_type", .string(modelType))) }
        for name in ["quantization_config", "auto_map"] {
            if let value = model?[name], value.encoded().readableBytes <= Self.longestTemplate {
                members.append(.init(name, value))
            }
        }
        if let tokens { members.append(.init("tokenizer_config", tokens)) }
        return members.isEmpty ? nil : .object(members)
    }

    private var tokens: JSONValue? {
        let names = ["bos_token", "eos_token", "pad_token", "unk_token", "mask_token", "chat_template"]
        let members = names.compactMap { name -> JSONValue.Member? in
            guard let text = token(name), text.utf8.count <= Self.longestTemplate else { return nil }
            return .init(name, .string(text))
        }
        return members.isEmpty ? nil : .object(members)
    }

    /// The token that stands for what is to be guessed.
    var maskToken: String? { token("mask_token") }

    /// A token is a text, or an object that has it as its content.
    private func token(_ name: String) -> String? {
        tokenizer?[name]?.text ?? tokenizer?[name]?["content"]?.text
    }

    /// How the transformers library loads it; nil when it is not made for that.
    var transformers: JSONValue? {
        guard let architecture = architectures.first else { return nil }
        let task = Self.tasks.first { architecture.hasSuffix($0.suffix) }
        let info: JSONValue = ["auto_model": .string(task?.auto ?? "AutoModel")]
        let processor: JSONValue? = tokenizer == nil ? nil : "AutoTokenizer"
        return info.adding("pipeline_tag", ifThere: pipelineTag.map(JSONValue.string))
            .adding("processor", ifThere: processor)
    }

    /// What the model is for, as its architecture's name tells.
    var pipelineTag: String? {
        architectures.lazy.compactMap { architecture in
            Self.tasks.first { architecture.hasSuffix($0.suffix) }?.pipelineTag
        }.first
    }

    private static let tasks: [(suffix: String, auto: String, pipelineTag: String)] = [
        ("ForCausalLM", "AutoModelForCausalLM", "text-generation"),
        ("LMHeadModel", "AutoModelForCausalLM", "text-generation"),
        ("ForMaskedLM", "AutoModelForMaskedLM", "fill-mask"),
        ("ForSequenceClassification", "AutoModelForSequenceClassification", "text-classification"),
        ("ForTokenClassification", "AutoModelForTokenClassification", "token-classification"),
        ("ForQuestionAnswering", "AutoModelForQuestionAnswering", "question-answering"),
        ("ForMultipleChoice", "AutoModelForMultipleChoice", "multiple-choice"),
        ("ForImageClassification", "AutoModelForImageClassification", "image-classification"),
        ("ForObjectDetection", "AutoModelForObjectDetection", "object-detection"),
        ("ForSemanticSegmentation", "AutoModelForSemanticSegmentation", "image-segmentation"),
        ("ForAudioClassification", "AutoModelForAudioClassification", "audio-classification"),
        ("ForCTC", "AutoModelForCTC", "automatic-speech-recognition"),
        ("ForSpeechSeq2Seq", "AutoModelForSpeechSeq2Seq", "automatic-speech-recognition"),
        ("ForConditionalGeneration", "AutoModelForSeq2SeqLM", "text2text-generation"),
    ]
}
