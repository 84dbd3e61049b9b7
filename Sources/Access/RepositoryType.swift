/// What a repository holds.
///
/// All types share one table and one set of rules; only addresses tell them apart.
package enum RepositoryType: String, CaseIterable, Sendable {
    case model, dataset, space, code, mcp, skill

    /// The first segment of the type's paths and API routes, such as "models".
    package var pathSegment: String {
        switch self {
        case .model: "models"
        case .dataset: "datasets"
        case .space: "spaces"
        case .code: "codes"
        case .mcp: "mcpservers"
        case .skill: "skills"
        }
    }

    /// Reads a path segment, exactly as `pathSegment` writes it; nil for anything else.
    package init?(pathSegment: some StringProtocol) {
        guard let type = Self.allCases.first(where: { $0.pathSegment == pathSegment }) else { return nil }
        self = type
    }

    /// Reads what people and clients write: the singular, the plural, "mcpserver" or "mcpservers"; nil for anything else.
    package init?(text: some StringProtocol) {
        let spelling = String(text)
        if let type = Self(rawValue: spelling) ?? Self(pathSegment: spelling) {
            self = type
        } else if spelling == "mcpserver" || spelling == "mcps" {
            self = .mcp
        } else {
            return nil
        }
    }
}

/// Who may read a repository without having been given a role.
package enum Visibility: String, CaseIterable, Sendable {
    /// Everybody, also without an account.
    case `public`
    /// Nobody.
    case `private`
}
