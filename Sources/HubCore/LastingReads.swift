import Metadata
import Synchronization

/// Tokens that were shown lately with their owners, for as long as no record has changed anywhere.
///
/// A token that is revoked, an account that is disabled: each changes the records' version, so the next request asks again.
final class TokenCache: Sendable {
    private struct Entry {
        let version: Int64
        let token: TokenRecord
        let user: UserRecord
    }

    private let entries = Mutex<[String: Entry]>([:])
    private static let limit = 4_096

    /// What the records said at this version about the token with this hash.
    func owner(ofTokenWithHash hash: String, version: Int64) -> (TokenRecord, UserRecord)? {
        let entry = entries.withLock { $0[hash] }
        guard let entry, entry.version == version else { return nil }
        return (entry.token, entry.user)
    }

    /// Keeps what the records said.
    ///
    /// - Parameter version: that of the records before they were asked.
    func keep(_ owner: (TokenRecord, UserRecord), hash: String, version: Int64) {
        let entry = Entry(version: version, token: owner.0, user: owner.1)
        entries.withLock { entries in
            if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
            entries[hash] = entry
        }
    }
}
