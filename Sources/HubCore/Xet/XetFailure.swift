package import Xet

/// What a client of chunks is told; the protocol knows little more than the status.
package struct XetFailure: Error, Sendable, Equatable {
    /// The status of HTTP.
    package let status: Int
    /// One sentence.
    package let message: String
    /// Seconds after which to come again.
    package let retryAfter: Int?

    /// A failure.
    package init(status: Int, _ message: String, retryAfter: Int? = nil) {
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
    }

    init(_ error: XorbError) {
        let reason =
            switch error {
            case .chunk(let index, let error): "chunk \(index) is malformed (\(error))"
            case .empty: "it has no chunk"
            case .tooManyChunks: "it has too many chunks"
            case .tooManyRawBytes: "its content is too long"
            case .tooManyStoredBytes: "it is too long"
            case .malformedFooter: "its footer is malformed"
            case .wrongHashInFooter: "its footer names another xorb"
            case .malformedIndex: "it cannot be read"
            }
        self.init(status: 400, "The xorb was refused: \(reason).")
    }

    /// A shard that cannot be read.
    package init(_ error: ShardError) {
        self.init(status: 400, "The shard was refused: \(error).")
    }

    static let unknownFile = XetFailure(status: 404, "The file is not known here.")
    static let rangeTooLong = XetFailure(status: 400, "The range touches too many chunks. Ask for a part of it.")
    static let invalidToken = XetFailure(status: 401, "The token is not valid, or has expired.")
    static let readOnly = XetFailure(status: 403, "The token is for reading.")
    static let revoked = XetFailure(status: 403, "The right to do this was taken away.")
}
