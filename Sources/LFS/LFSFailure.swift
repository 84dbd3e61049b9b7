import JSON
package import NIOCore

/// A refusal as LFS clients read it: a status of HTTP, which the SSH protocol uses too, and a sentence.
///
/// The client prints `message` to a person, so it says what to do next.
package struct LFSFailure: Error, Equatable, Sendable {
    /// 400 … 599.
    package let status: Int
    package let message: String
    /// Whole seconds for the `Retry-After` field.
    package let retryAfter: Int?

    /// A refusal; a 429 always says when to come back, because git-lfs 3.3 panics without that.
    ///
    /// - Parameter retryAfter: seconds, at least 1.
    package init(status: Int, _ message: String, retryAfter: Int? = nil) {
        self.status = status
        self.message = message
        self.retryAfter = retryAfter.map { max(1, $0) } ?? (status == 429 ? 1 : nil)
    }

    /// The JSON body that every refusal of every LFS route has.
    package func body(requestID: String, documentationURL: String? = nil) -> ByteBuffer {
        JSONValue.object(members(requestID: requestID, documentationURL: documentationURL)).encoded()
    }

    func members(requestID: String, documentationURL: String?) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = [.init("message", .string(message)), .init("request_id", .string(requestID))]
        if let documentationURL { members.append(.init("documentation_url", .string(documentationURL))) }
        return members
    }
}

extension LFSFailure {
    /// The type of every body of the LFS routes, in both directions.
    package static let contentType = "application/vnd.git-lfs+json"

    static func badRequest(_ message: String) -> LFSFailure { LFSFailure(status: 400, message) }
    static func unprocessable(_ message: String) -> LFSFailure { LFSFailure(status: 422, message) }
    static func tooLarge(_ message: String) -> LFSFailure { LFSFailure(status: 413, message) }
}
