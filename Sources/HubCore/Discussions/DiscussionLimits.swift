import Metadata

/// What discussions may hold, so that none grows without bound: clients read a discussion whole.
package enum DiscussionLimits {
    /// The longest title, in bytes.
    package static let titleBytes = 512
    /// The longest comment, in bytes.
    package static let commentBytes = 64 << 10
    /// All texts of a discussion together, former ones included, in bytes.
    package static let textBytes: Int64 = 4 << 20
    /// Changes of one comment.
    package static let edits: Int64 = 100
    /// Discussions and pull requests of a repository.
    package static let perRepository: Int64 = 100_000
    /// Those of them that one user has open.
    package static let openPerAuthor = 500
    /// Discussions of a page.
    package static let page = 50
    /// The most discussions of a page.
    package static let largestPage = 100
    /// Conflicting files that are told by name.
    package static let conflicts = 1_000
    /// The longest diff that is told, in bytes.
    package static let diffBytes = 1 << 20

    /// How many events a discussion may have when another of a kind is added: who talks leaves room for decisions.
    static func events(_ kind: DiscussionEventRecord.Kind) -> Int64 {
        switch kind {
        case .comment, .titleChange: 2_000
        case .commit: 3_000
        case .statusChange: 4_000
        }
    }
}

/// Texts that people write in discussions, checked.
enum DiscussionText {
    /// A title: one line without white space at its ends.
    ///
    /// - Throws: `HubError.invalid` for nothing, several lines or control characters, `.tooLarge` for too much.
    static func title(_ text: String) throws(HubError) -> String {
        let title = trimmed(text)
        guard !title.isEmpty else { throw HubError(.invalid, "A discussion needs a title.") }
        guard title.utf8.count <= DiscussionLimits.titleBytes else {
            throw HubError(.tooLarge, "A title has at most \(DiscussionLimits.titleBytes) bytes.")
        }
        guard !title.unicodeScalars.contains(where: { isControl($0) }) else {
            throw HubError(.invalid, "A title is one line without control characters.")
        }
        return title
    }

    /// What of a commit's first line fits into a title.
    static func title(fitting text: String) -> String {
        let line = String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
        let title = trimmed(cut(line, to: DiscussionLimits.titleBytes))
        return title.isEmpty ? "Untitled" : title
    }

    /// What of a commit's message fits into a comment; nil for nothing.
    static func comment(fitting text: String) -> String? {
        let comment = cut(text.replacing("\0", with: ""), to: DiscussionLimits.commentBytes)
        return trimmed(comment).isEmpty ? nil : comment
    }

    /// The longest beginning that ends with a whole character.
    private static func cut(_ text: String, to bytes: Int) -> String {
        var size = 0
        let end = text.firstIndex { character in
            size += character.utf8.count
            return size > bytes
        }
        return end.map { String(text[..<$0]) } ?? text
    }

    /// A comment as it was written.
    ///
    /// - Throws: `HubError.invalid` for nothing but white space or with NUL, `.tooLarge` for too much.
    static func comment(_ text: String) throws(HubError) -> String {
        guard !trimmed(text).isEmpty else { throw HubError(.invalid, "A comment cannot be empty.") }
        guard text.utf8.count <= DiscussionLimits.commentBytes else {
            throw HubError(.tooLarge, "A comment has at most \(DiscussionLimits.commentBytes) bytes.")
        }
        guard !text.utf8.contains(0) else { throw HubError(.invalid, "A comment cannot contain NUL.") }
        return text
    }

    /// A comment that may be left out; one of white space counts as left out.
    static func comment(ifThere text: String?) throws(HubError) -> String? {
        guard let text, !trimmed(text).isEmpty else { return nil }
        return try comment(text)
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
