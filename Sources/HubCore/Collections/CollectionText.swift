import Access
package import Metadata

/// What people write about collections, and its bounds.
package enum CollectionText {
    package static let themes = ["orange", "blue", "green", "purple", "pink", "indigo"]
    /// Collections of a namespace.
    package static let mostCollections = 1_000
    /// Items of a collection.
    package static let mostItems = 1_000

    /// - Throws: `HubError.invalid` for an empty or long title.
    static func title(_ text: String) throws(HubError) -> String {
        let title = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...60).contains(title.count), title.utf8.count <= 240 else {
            throw .invalid("The title of a collection has 1 to 60 characters.")
        }
        return title
    }

    /// - Throws: `HubError.invalid` for a long description.
    static func description(_ text: String?) throws(HubError) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.count <= 150, text.utf8.count <= 600 else {
            throw .invalid("The description of a collection has at most 150 characters.")
        }
        return text
    }

    /// - Throws: `HubError.invalid` for a long note.
    static func note(_ text: String?) throws(HubError) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.count <= 500, text.utf8.count <= 2_000 else {
            throw .invalid("A note has at most 500 characters.")
        }
        return text
    }

    /// - Throws: `HubError.invalid` for another word.
    static func theme(_ text: String) throws(HubError) -> String {
        guard themes.contains(text) else {
            throw .invalid("The theme is one of: \(themes.joined(separator: ", ")).")
        }
        return text
    }

    /// The first 24 digits of a record's id: its time and 42 random bits.
    static func id(_ id: RecordID) -> String { String(id.text.prefix(24)) }

    /// The id at the end of a slug, whatever stands before it; nil for a text that is no slug.
    package static func id(inSlug slug: String) -> String? {
        let id = slug.suffix(24)
        let isID = id.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        let isWhole = slug.count == 24 || ["-", "/"].contains(slug.dropLast(24).last)
        guard id.count == 24, isID, isWhole else { return nil }
        return String(id)
    }
}

extension CollectionRecord {
    /// `NAMESPACE/TITLE-ID`, the title in letters and digits that need no encoding.
    package var slug: String {
        var words = ""
        for character in title.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                words.append(character)
            } else if !words.isEmpty, !words.hasSuffix("-") {
                words += "-"
            }
        }
        if !words.isEmpty, !words.hasSuffix("-") { words += "-" }
        return "\(namespaceName)/\(words)\(id)"
    }
}
