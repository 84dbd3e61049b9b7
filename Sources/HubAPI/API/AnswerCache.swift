package import Access
import HTTPTypes
import HubCore
import NIOCore
import Synchronization

/// Answers that were given lately, for as long as no record has changed anywhere.
///
/// What an operation that `lasts` answers depends on records, on objects of git that never change, and on the request. So
/// it is the same again while the records have the same version, whoever changes them. Who asks is found out each time.
package final class AnswerCache: Sendable {
    /// What an answer depends on besides records.
    package struct Key: Hashable, Sendable {
        /// Who asks, with which token.
        let actor: String
        /// GET or HEAD.
        let method: String
        /// The path and the query, as they were sent.
        let target: String
        /// How the client calls the hub.
        let base: String
    }

    /// An answer that was given.
    package struct Entry: Sendable {
        /// The version of the records before they were asked.
        let version: Int64
        /// The operation that gave it.
        let operation: APIOperation
        /// The status line and the fields that are the same each time, as HTTP/1.1 writes them.
        let head: ByteBuffer
        /// Empty for HEAD.
        let body: ByteBuffer
        fileprivate let moment = ContinuousClock.now
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        /// The version of the records that all entries have.
        var version: Int64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int
    /// Longer answers are not kept.
    private static let longestAnswer = 512 << 10
    /// What an entry takes besides its body and the URL, which is in it up to three times.
    private static let overhead = 1_024
    /// Requests with longer URLs are not remembered: a client may write there what it likes.
    fileprivate static let longestTarget = 2_048
    /// Scores fall with time, so no answer is kept for longer.
    private static let lifetime = Duration.seconds(60)

    /// - Parameter limit: bytes of all answers together.
    package init(limit: Int = 32 << 20) {
        self.limit = limit
    }

    /// The answer that was given when the records had this version.
    package func entry(_ key: Key, version: Int64) -> Entry? {
        let entry = state.withLock { $0.entries[key] }
        guard let entry, entry.version == version, ContinuousClock.now - entry.moment < Self.lifetime else {
            return nil
        }
        return entry
    }

    /// Keeps an answer.
    package func keep(_ entry: Entry, _ key: Key) {
        let bytes = entry.head.readableBytes + entry.body.readableBytes
        guard bytes <= Self.longestAnswer else { return }
        state.withLock { state in
            // What was right before a change is never right again. And all are of few moments, so all go at once when there
            // are too many: what is still right is soon here again.
            if state.version != entry.version || state.bytes > limit { state = State(version: entry.version) }
            state.bytes += bytes + 3 * key.target.utf8.count + Self.overhead
            state.entries[key] = entry
        }
    }
}

extension AnswerCache.Key {
    /// The key of a request; nil when what is asked may depend on more.
    ///
    /// - Parameter base: how the client calls the hub.
    package init?(_ request: BareRequest, _ actor: Access.Actor, base: String) {
        guard request.target.utf8.count <= AnswerCache.longestTarget else { return nil }
        let name: String
        switch actor {
        case .anonymous: name = ""
        case .user(let user):
            // Who shows a password has it checked each time.
            guard let token = user.tokenID else { return nil }
            name = "\(user.id.text) \(token.text)"
        case .key, .operator: return nil
        }
        self.init(actor: name, method: request.method, target: request.target, base: base)
    }
}

extension AnswerCache.Entry {
    /// The entry of an answer; nil for all but 200.
    ///
    /// - Parameter isHead: whether it answers HEAD, whose fields tell of a body that is not there.
    package init?(_ answer: Answer, of operation: APIOperation, isHead: Bool, version: Int64) {
        guard answer.status == .ok else { return nil }
        var head = ByteBuffer(string: "HTTP/1.1 200 OK\r\n")
        var fields = answer.headers
        if fields[.contentLength] == nil { fields[.contentLength] = String(answer.body.readableBytes) }
        for field in fields { head.writeString("\(field.name.rawName): \(field.value)\r\n") }
        let body = isHead ? ByteBuffer() : answer.body
        self.init(version: version, operation: operation, head: head, body: body)
    }
}
