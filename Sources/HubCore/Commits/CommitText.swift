import Access
import GitCore
import Metadata

/// Who commits by the API: the account's name and an address that is nobody's, as git wants one.
struct CommitIdentity {
    private let name: String
    private let seconds: Int64

    /// The identity of an actor at a moment.
    init(_ actor: Actor, at moment: Timestamp) {
        let name = actor.auditName.filter { $0.isLetter || $0.isNumber || "._- ".contains($0) }
        self.name = name.isEmpty ? "granary" : name
        seconds = moment.microseconds / 1_000_000
    }

    /// As it stands in commits and tags.
    ///
    /// - Source: gitformat: `name <address> seconds zone`.
    var line: String { "\(name) <\(name.filter { $0 != " " })@users.noreply> \(seconds) +0000" }
}

/// The text of a commit that the hub makes.
struct CommitText {
    let tree: ObjectID
    let parents: [ObjectID]
    let identity: CommitIdentity
    let message: String

    /// The content of the commit object.
    var bytes: [UInt8] {
        var text = "tree \(tree)\n"
        for parent in parents { text += "parent \(parent)\n" }
        text += "author \(identity.line)\ncommitter \(identity.line)\n\n\(message)"
        if !text.hasSuffix("\n") { text += "\n" }
        return Array(text.utf8)
    }

    /// A title and what stands below it as one message, without what git would not keep.
    ///
    /// - Throws: `HubError.invalid` for an empty title or too much text.
    static func message(title: String, body: String) throws -> String {
        let title = title.split(whereSeparator: \.isNewline).joined(separator: " ").trimmed
        guard !title.isEmpty else { throw HubError.invalid("A commit needs a summary.") }
        let body = body.replacing("\r\n", with: "\n").replacing("\0", with: "").trimmed
        guard title.utf8.count + body.utf8.count <= largestMessage else {
            throw HubError(.tooLarge, "The message of a commit has at most \(largestMessage) bytes.")
        }
        let text = title.replacing("\0", with: "")
        return body.isEmpty ? "\(text)\n" : "\(text)\n\n\(body)\n"
    }

    private static let largestMessage = 256 << 10
}

extension String {
    /// The text without white space at its ends.
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
