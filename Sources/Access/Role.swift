/// What somebody may do, each role including those before it.
package enum Role: String, Comparable, CaseIterable, Sendable {
    /// Clone, fetch, download.
    case read
    /// Push, and create repositories in a namespace.
    case write
    /// Settings, grants, moving, deleting; in a namespace also its members.
    case admin

    /// Order of power.
    package static func < (left: Role, right: Role) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .admin: 2
        }
    }
}
