extension RefName {
    /// Namespaces that belong to the server alone: not advertised, not wantable, not writable by clients.
    static let hiddenNamespaces = ["refs/granary/", "refs/remotes/", "refs/replace/"]
    /// Namespaces that the server writes and clients may read when they name them.
    static let serverOwnedNamespaces = ["refs/merge-requests/", "refs/pr/"]

    /// Whether this is a branch: `refs/heads/…`.
    package var isBranch: Bool { isBelow("refs/heads/") }

    /// Whether this is a tag: `refs/tags/…`.
    package var isTag: Bool { isBelow("refs/tags/") }

    /// Whether clients must not learn that this ref exists.
    package var isHidden: Bool { Self.hiddenNamespaces.contains(where: isBelow) }

    /// Whether only the server writes this ref while clients may read it, for instance the head of a pull request.
    package var isServerOwned: Bool { Self.serverOwnedNamespaces.contains(where: isBelow) }

    /// Whether an advertisement leaves this ref out unless a client asks for its namespace by name.
    package var isUnadvertised: Bool { isHidden || isServerOwned }

    /// Whether a push may name this ref, before anybody asks who pushes.
    package var isWritableByClients: Bool { !isUnadvertised }

    /// The name as people say it: without `refs/heads/`, `refs/tags/` or, elsewhere, `refs/`.
    package var shortName: String {
        for namespace in ["refs/heads/", "refs/tags/", "refs/"] where isBelow(namespace) {
            return String(decoding: bytes.dropFirst(namespace.utf8.count), as: UTF8.self)
        }
        return string
    }

    private func isBelow(_ namespace: String) -> Bool {
        bytes.starts(with: namespace.utf8)
    }
}
