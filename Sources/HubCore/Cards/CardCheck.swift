package import Access
import JSON

/// What is wrong with a card, as whoever writes it is told before it is committed.
package struct CardCheck: Sendable, Equatable {
    /// Why it is refused; empty when it is not.
    package private(set) var errors: [String] = []
    /// What could be better.
    package private(set) var warnings: [String] = []

    /// The most sentences of a kind.
    private static let most = 50

    /// Checks the text of a README.md.
    init(_ content: [UInt8], for type: RepositoryType) {
        guard let matter = FrontMatter.find(in: content) else {
            warnings = ["The card has no metadata: a block of YAML between two lines of '---' at its beginning."]
            return
        }
        do throws(CardFault) {
            check(try YAMLReader.metadata(matter.yaml), for: type)
        } catch {
            errors = [error.message]
        }
    }

    private mutating func check(_ card: JSONValue, for type: RepositoryType) {
        if card.members?.isEmpty == true { warnings.append("The metadata is empty.") }
        for (name, shape) in Self.shapes { check(name, shape, card) }
        for member in card.members ?? [] where member.name.utf8.count > CardTags.longest {
            errors.append("The metadata has a name of more than \(CardTags.longest) bytes.")
        }
        if type == .space, card["sdk"] == nil { warnings.append("The metadata of a space needs 'sdk'.") }
        if card["license"] == nil { warnings.append("The metadata has no 'license'.") }
        errors = Array(errors.prefix(Self.most))
    }

    private enum Shape { case word, words, object }

    /// What lists, filters and clients read, and what it must be.
    private static let shapes: [(String, Shape)] = [
        ("tags", .words), ("language", .words), ("license", .words), ("datasets", .words), ("base_model", .words),
        ("models", .words), ("task_categories", .words), ("task_ids", .words), ("size_categories", .words),
        ("pipeline_tag", .word), ("library_name", .word), ("license_name", .word), ("license_link", .word),
        ("sdk", .word), ("pretty_name", .word), ("extra_gated_fields", .object),
    ]

    private mutating func check(_ name: String, _ shape: Shape, _ card: JSONValue) {
        guard let value = card[name] else { return }
        switch shape {
        case .object: if !value.isObject { errors.append("'\(name)' must be a mapping.") }
        case .word: if !Self.isWord(value) { errors.append("'\(name)' must be a string.") }
        case .words:
            let words = value.elements ?? [value]
            if !words.allSatisfy(Self.isWord) { errors.append("'\(name)' must be a string or a list of strings.") }
            let long = words.compactMap(\.text).contains { $0.utf8.count > CardTags.longest }
            if long { errors.append("'\(name)' has a word of more than \(CardTags.longest) bytes.") }
            if words.count > CardTags.most { warnings.append("'\(name)' has more words than are looked at.") }
        }
    }

    private static func isWord(_ value: JSONValue) -> Bool {
        switch value {
        case .string, .integer, .number: true
        default: false
        }
    }
}

extension Catalogue {
    /// Says what is wrong with the text of a README.md.
    package func check(card content: String, for type: RepositoryType) async throws -> CardCheck {
        try await files.git.onExecutor { CardCheck(Array(content.utf8), for: type) }
    }
}
