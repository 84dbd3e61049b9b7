import Access
import Metadata

/// How far chunks are shared: who may build on what others have sent, and so learns that it is there.
package enum XetDeduplication: String, Sendable, CaseIterable {
    /// Within a repository.
    case off
    /// Within what belongs to one user or organisation.
    case organization
    /// Within the whole hub.
    case hub

    /// The scope of a repository: a text that goes into URLs and records.
    func scope(of repository: RepositoryRecord) -> String {
        switch self {
        case .off: "r\(repository.id.text)"
        case .organization: "n\(repository.namespaceID.text)"
        case .hub: "hub"
        }
    }
}
