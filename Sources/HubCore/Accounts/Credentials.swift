/// What a client showed to say who it is, taken apart but not believed.
///
/// Holds secrets: no description, and never in a log.
package enum Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Nothing.
    case none
    /// `Authorization: Basic`: a token with any user name, or an account's name and password.
    case basic(user: String, secret: String)
    /// `Authorization: Bearer`: a token.
    case bearer(String)
    /// `Authorization: RemoteAuth`: what `git-lfs-authenticate` gave, good for large files only.
    case remoteAuth(String)

    /// The scheme alone.
    package var description: String {
        switch self {
        case .none: "none"
        case .basic: "basic"
        case .bearer: "bearer"
        case .remoteAuth: "remoteAuth"
        }
    }

    /// The scheme alone.
    package var debugDescription: String { description }
}
