package import Access

/// Why a use case did not happen: all that leaves `HubCore`.
///
/// Frontends map the kind, with one exhaustive switch, and show the message. The diagnostics go to the log alone.
package struct HubError: Error, Sendable, Equatable {
    /// What frontends decide by.
    package enum Kind: Sendable, Equatable {
        /// Nobody said who they are, or the credentials are wrong. HTTP 401 with a challenge.
        case unauthenticated
        /// The actor sees the thing but may not do that to it. HTTP 403.
        case forbidden
        /// It does not exist, or the actor may not know that it does. HTTP 404.
        case notFound
        /// Something is in the way: a name is taken, a ref has moved. HTTP 409.
        case conflict
        /// The request makes no sense. HTTP 400 or 422.
        case invalid
        /// The request is too big. HTTP 413.
        case tooLarge
        /// This client asks too often. HTTP 429 with Retry-After.
        case limited(retryAfterSeconds: Int)
        /// The hub cannot do it now. HTTP 503 with Retry-After.
        case unavailable(retryAfterSeconds: Int)
        /// The repository has another address now, and the actor may read it there. HTTP 301 or 307.
        case moved(to: RepositoryAddress)
        /// Our fault. HTTP 500 with the request's id.
        case internalFailure
    }

    /// What it is about, for clients that tell errors apart by that.
    package enum Subject: Sendable, Equatable {
        /// A repository, there or not, seen or not.
        case repository
        /// A branch, tag or commit.
        case revision
        /// A file or folder.
        case entry
        /// The gate before a repository's files.
        case gate
        /// A head that is not where the client thinks. HTTP 412 with `conflict`.
        case parentCommit
    }

    /// What frontends decide by.
    package var kind: Kind
    /// What it is about; nil for what has no word of its own.
    package var subject: Subject?
    /// One sentence for the client: no paths, no SQL, no credentials, nothing about what the client may not see.
    package var message: String
    /// For the log.
    ///
    /// Never holds credentials either.
    package var diagnostics: String?

    /// An error of `kind`.
    package init(_ kind: Kind, _ message: String, subject: Subject? = nil, diagnostics: String? = nil) {
        self.kind = kind
        self.subject = subject
        self.message = message
        self.diagnostics = diagnostics
    }
}

extension HubError {
    /// Credentials that were shown and are wrong, expired, revoked or of a disabled account: one answer for all.
    ///
    /// The sentence is the one by which Hugging Face's client tells a bad token from a missing repository.
    package static let badCredentials = HubError(.unauthenticated, "Invalid credentials in Authorization header")

    /// What an actor is told who was denied something.
    ///
    /// - Parameter subject: what it was about, such as "repository"; must say nothing that only the permitted may know.
    package static func denied(_ denial: Denial, _ subject: String) -> HubError {
        let code: Subject? = subject == "repository" ? .repository : nil
        return switch denial {
        case .unauthenticated:
            HubError(.unauthenticated, "Authentication is required to access this \(subject).", subject: code)
        case .notVisible: HubError(.notFound, "The \(subject) was not found.", subject: code)
        case .insufficientRole:
            HubError(.forbidden, "Your account does not have the right to do this to this \(subject).")
        case .insufficientScope:
            HubError(.forbidden, "Your token does not have the right to do this to this \(subject).")
        case .insufficientKey:
            HubError(.forbidden, "This key does not have the right to do this to this \(subject).")
        case .gatedUnauthenticated:
            HubError(
                .unauthenticated,
                "The files of this \(subject) are gated. Log in with an account that was granted access.",
                subject: .gate
            )
        case .gated:
            HubError(
                .forbidden,
                "The files of this \(subject) are gated, and your account was not granted access. Ask for it first.",
                subject: .gate
            )
        // The sentence by which Hugging Face's client knows it.
        case .disabled: HubError(.forbidden, "Access to this resource is disabled.")
        }
    }

    /// A text that cannot be what it should be, with the rule it breaks.
    package static func invalid(_ reason: some CustomStringConvertible) -> HubError {
        HubError(.invalid, reason.description)
    }
}
