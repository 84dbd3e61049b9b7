package import Access
import GitCore
package import HTTPTypes
package import HubCore
import JSON
import LFS

/// What HTTP makes of an error: the only place where kinds become statuses.
package struct HTTPError: Sendable, Equatable {
    /// The status.
    package var status: HTTPResponse.Status
    /// One sentence for the client.
    package var message: String
    /// `X-Error-Code` of the hub's API, by which its clients choose an exception; nil for none.
    package var code: String?
    /// Fields that belong to the status: challenge, retry, redirection, allowed methods.
    package var headers: HTTPFields

    /// An error of a status.
    package init(_ status: HTTPResponse.Status, _ message: String, code: String? = nil, headers: HTTPFields = [:]) {
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers
    }

    /// What asks a client for credentials.
    ///
    /// The same for what exists and what does not.
    static let challenge: HTTPFields = [.wwwAuthenticate: #"Basic realm="Granary", charset="UTF-8""#]

    /// Maps what a use case threw.
    ///
    /// - Parameters:
    ///   - requestID: named in the answer when the fault is ours, so that it can be found in the log.
    ///   - redirection: where a moved repository answers the same request; nil when the request cannot be repeated there.
    package init(_ error: HubError, requestID: String, redirection: (RepositoryAddress) -> String?) {
        switch error.kind {
        case .unauthenticated:
            self.init(.unauthorized, error.message, code: error.subject?.code, headers: Self.challenge)
        case .forbidden:
            self.init(.forbidden, error.message, code: error.subject?.code)
        case .notFound:
            self.init(.notFound, error.message, code: error.subject?.code)
        case .conflict:
            self.init(error.subject == .parentCommit ? .preconditionFailed : .conflict, error.message)
        case .invalid:
            self.init(.badRequest, error.message)
        case .tooLarge:
            self.init(.contentTooLarge, error.message)
        case .limited(let seconds):
            self.init(.tooManyRequests, error.message, headers: Self.retry(after: seconds))
        case .unavailable(let seconds):
            self.init(.serviceUnavailable, error.message, headers: Self.retry(after: seconds))
        case .moved(let address):
            self.init(moved: address, to: redirection(address))
        case .internalFailure:
            self.init(.internalServerError, "Something went wrong on the server (request \(requestID)).")
        }
    }

    private init(moved address: RepositoryAddress, to location: String?) {
        if let location {
            self.init(.temporaryRedirect, "The repository is now \(address.path).", headers: [.location: location])
        } else {
            self.init(.notFound, "The repository is now \(address.path).", code: "RepoNotFound")
        }
    }

    /// Maps an error in the request's body.
    package init(_ error: BodyError) {
        switch error {
        case .tooLarge(let limit): self.init(.contentTooLarge, "The request body has more than \(limit) bytes.")
        case .expandsTooMuch: self.init(.contentTooLarge, "The request body expands too much.")
        case .notGzip: self.init(.badRequest, "The request body is not valid gzip.")
        case .noMemory: self.init(.serviceUnavailable, "The server is short of memory.", headers: Self.retry(after: 5))
        }
    }

    /// Maps a body that broke off.
    package init(_ error: RequestBodyError) {
        switch error {
        case .tooSlow: self.init(.requestTimeout, "The request body arrived too slowly.")
        case .truncated: self.init(.badRequest, "The request body is incomplete.")
        case .consumedTwice: self.init(.internalServerError, "The request body was read twice.")
        }
    }

    /// Maps a request that leads nowhere.
    package init(_ error: RouteError) {
        switch error {
        case .badPath(.tooLong):
            self.init(.uriTooLong, "The path has more than \(PathSegments.maximumBytes) bytes.")
        case .badPath:
            self.init(.badRequest, "The path is malformed.")
        case .notFound:
            self.init(.notFound, "There is nothing at this address.")
        case .methodNotAllowed(let methods):
            let allowed = methods.map(\.rawValue).joined(separator: ", ")
            self.init(.methodNotAllowed, "This address answers \(allowed) only.", headers: [.allow: allowed])
        }
    }

    /// Maps a refusal that LFS has a status of its own for.
    init(_ failure: LFSFailure) {
        self.init(
            HTTPResponse.Status(code: failure.status),
            failure.message,
            headers: failure.retryAfter.map { Self.retry(after: $0) } ?? [:]
        )
    }

    /// Maps a refusal of the storage of chunks.
    init(_ failure: XetFailure) {
        self.init(
            HTTPResponse.Status(code: failure.status),
            failure.message,
            headers: failure.retryAfter.map { Self.retry(after: $0) } ?? [:]
        )
    }

    private static func retry(after seconds: Int) -> HTTPFields { [.retryAfter: String(max(seconds, 1))] }
}

extension HTTPError {
    /// Maps whatever was thrown; what we do not know is our fault, and its text stays in the log.
    package init(_ error: any Error, requestID: String, redirection: (RepositoryAddress) -> String? = { _ in nil }) {
        switch error {
        case let error as HTTPFailure: self = error.answer
        case let error as HubError: self.init(error, requestID: requestID, redirection: redirection)
        case let error as LFSFailure: self.init(error)
        case let error as XetFailure: self.init(error)
        case let error as FileMissing:
            // Clients remember by the commit that the file is not there.
            let commit: HTTPFields = [.repoCommit: error.commit.hex]
            self.init(.notFound, error.reason, code: "EntryNotFound", headers: commit)
        case let error as BodyError: self.init(error)
        case let error as RequestBodyError: self.init(error)
        case let error as RouteError: self.init(error)
        default: self.init(HubError(.internalFailure, ""), requestID: requestID, redirection: redirection)
        }
    }

    /// The error as the API says it: in fields for programs, in JSON for the rest.
    ///
    /// - Parameter url: of what stands in the way of something new, for clients that are content with that.
    package func json(url: String? = nil) -> Answer {
        let message = Self.oneLine(self.message)
        var headers = headers
        headers[.errorMessage] = message
        if let code { headers[.errorCode] = code }
        let body: JSONValue = ["error": .string(message)]
        return .json(body.adding("url", ifThere: url.map(JSONValue.string)), status: status, headers: headers)
    }

    /// The error as plain text of one line, for git.
    package var text: Answer { .text(Self.oneLine(message), status: status, headers: headers) }

    /// The error as clients of LFS read it.
    ///
    /// They ask for a login by both fields; git itself knows the second only.
    package func lfs(requestID: String) -> Answer {
        let failure = LFSFailure(status: status.code, Self.oneLine(message))
        var headers = headers
        headers[.cacheControl] = "no-store"
        if status == .unauthorized {
            headers[.lfsAuthenticate] = Self.lfsChallenge
            headers[.wwwAuthenticate] = Self.lfsChallenge
        }
        // git-lfs 3.3 panics at a 429 that does not say when to come back.
        if status == .tooManyRequests, headers[.retryAfter] == nil { headers[.retryAfter] = "1" }
        return Answer(
            status: status,
            headers: headers,
            contentType: LFSFailure.contentType,
            body: failure.body(requestID: requestID)
        )
    }

    private static let lfsChallenge = #"Basic realm="Granary""#

    /// The message with control characters as spaces, fit for a terminal, a header field and one line of text.
    static func oneLine(_ message: String) -> String {
        String(
            String.UnicodeScalarView(
                message.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }
}

/// An HTTP error as something to throw, where no use case is involved.
package struct HTTPFailure: Error, Sendable, Equatable {
    /// The answer.
    package let answer: HTTPError

    /// A failure that is answered so.
    init(_ answer: HTTPError) {
        self.answer = answer
    }

    /// A failure that is answered with a status.
    package init(_ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:]) {
        answer = HTTPError(status, message, headers: headers)
    }
}

extension HubError.Subject {
    /// `X-Error-Code`, by which Hugging Face's clients choose an exception.
    fileprivate var code: String? {
        switch self {
        case .repository: "RepoNotFound"
        case .revision: "RevisionNotFound"
        case .entry: "EntryNotFound"
        case .gate: "GatedRepo"
        case .parentCommit: nil
        }
    }
}
