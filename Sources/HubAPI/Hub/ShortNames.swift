import Access
import HTTPTypes
import HubCore

/// Names of repositories without a namespace, which the public service has for a few old ones, and this hub for none.
///
/// Clients ask for them and want to be told that the repository is missing; a 404 without that code breaks them. Only
/// paths that are no operation's are looked at, so that nothing is taken from repositories with odd names.
/// - Source: huggingface_hub 0.36, `HfFileSystem` asks for `/api/datasets/NAMESPACE` to tell a name from a path.
enum ShortNames {
    private static let below: Set<String> = ["revision", "tree", "refs", "commits", "paths-info"]

    /// Whether the segments of a path, after "/hf", ask for a repository by such a name.
    static func isAskedFor(_ method: HTTPRequest.Method, _ path: ArraySlice<String>) -> Bool {
        guard [.get, .head, .post].contains(method) else { return false }
        let segments = Array(path)
        if segments.first == "api" {
            guard segments.count >= 3, RepositoryType(pathSegment: segments[1]) != nil else { return false }
            return segments.count == 3 || below.contains(segments[3])
        }
        let isTyped = segments.first.flatMap { RepositoryType(pathSegment: $0) } != nil
        let rest = segments.dropFirst(isTyped ? 2 : 1)
        return rest.count >= 3 && ["resolve", "raw"].contains(rest.first)
    }

    /// What is answered.
    static let refusal = HubError(
        .notFound,
        "The repository was not found: its name is to be NAMESPACE/NAME.",
        subject: .repository
    )
}
