import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

/// What came back.
package struct OutboundAnswer: Sendable {
    /// The status.
    package var status: Int
    /// Seconds of the field `Retry-After`.
    package var retryAfter: Int?
    /// Whether the host is an inner one, whose words are not for everybody.
    package var isInner: Bool
    /// The beginning of the body.
    package var body: [UInt8] = []

    /// An answer without a body.
    package init(status: Int, retryAfter: Int? = nil, isInner: Bool) {
        self.status = status
        self.retryAfter = retryAfter
        self.isInner = isInner
    }
}

/// Why nothing came back.
package enum OutboundFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The rules do not allow it.
    case refused(OutboundRules.Refusal)
    /// The name has no address.
    case unknownHost
    /// There was no connection.
    case unreachable
    /// The certificate was not accepted, or TLS failed otherwise.
    case insecure
    /// It took too long.
    case timedOut
    /// The connection ended before the answer did, or that was no HTTP.
    case broken

    /// One sentence, which says nothing of what is at the other end.
    package var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .unknownHost: "The name of the host has no address."
        case .unreachable: "There was no connection to the host."
        case .insecure: "The host could not be trusted: TLS failed."
        case .timedOut: "The host took too long."
        case .broken: "The connection ended before there was an answer."
        }
    }

    /// What a request failed with; errors of cancelled tasks are no matter of the other end.
    init(_ error: any Error) {
        switch error {
        case let failure as OutboundFailure: self = failure
        case let error as HTTPClientError where Self.timeouts.contains(error): self = .timedOut
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: self = .insecure
        case is NIOConnectionError, is IOError: self = .unreachable
        case is ChannelError: self = .unreachable
        default: self = .broken
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .tlsHandshakeTimeout,
        .getConnectionFromPoolTimeout,
    ]
}
