import Access
import Metadata
import OpenSSLKit

/// What a client shows to the storage of chunks: signed by the hub, for one repository, one verb and one holder.
struct XetToken: Equatable {
    /// What it is good for.
    enum Verb: String {
        case read, write
    }

    let verb: Verb
    let repository: RecordID
    let holder: TicketActor
    /// Seconds since 1970.
    let expiresAt: Int64

    /// The purpose of the key that signs tokens.
    static let purpose = "granary xet token v1"
    /// How long a token is good: clients renew it in time.
    static let seconds: Int64 = 3_600
    private static let prefix = "xet_"
    /// Characters of the longest text that is looked at.
    private static let longestText = 1_024

    /// A token from its parts.
    init(_ verb: Verb, repository: RecordID, holder: TicketActor, expiresAt: Int64) {
        self.verb = verb
        self.repository = repository
        self.holder = holder
        self.expiresAt = expiresAt
    }

    /// The token as clients carry it.
    func text(signedBy key: SigningKey) throws -> String {
        let content = Array("\(verb.rawValue) \(repository.text) \(expiresAt) \(holder.text)".utf8)
        let code = try key.sign(content)
        return "\(Self.prefix)\(Base64.encode(content, .urlSafe)).\(Base64.encode(code, .urlSafe))"
    }

    /// Reads a token; nil unless it is one that the key has signed.
    init?(_ text: String, signedBy key: SigningKey) {
        guard text.utf8.count <= Self.longestText, text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let content = Base64.decode(String(parts[0]), .urlSafe),
            let code = Base64.decode(String(parts[1]), .urlSafe), key.isValid(code, for: content)
        else { return nil }
        let words = String(decoding: content, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 4, let verb = Verb(rawValue: words[0]), let repository = RecordID(words[1]),
            let expiresAt = Int64(words[2]), let holder = TicketActor(words[3])
        else { return nil }
        self.init(verb, repository: repository, holder: holder, expiresAt: expiresAt)
    }
}
