import Access
import Metadata

/// A repository in `granary repo list --json`.
struct RepositoryRow: Encodable, Sendable {
    let id: String
    let repository: String
    let path: String
    let visibility: String
    let defaultBranch: String
    let denyNonFastForward: Bool
    let denyDeletes: Bool
    let lfsPointers: String
    let createdAt: String
    let updatedAt: String

    /// The row of a record.
    init(_ record: RepositoryRecord) {
        id = record.id.description
        repository = record.address.description
        path = record.address.gitPath
        visibility = record.visibility.rawValue
        defaultBranch = record.headTarget.droppingBranchPrefix
        denyNonFastForward = record.settings.denyNonFastForward
        denyDeletes = record.settings.denyDeletes
        lfsPointers = record.settings.lfsPointers.rawValue
        createdAt = record.createdAt.description
        updatedAt = record.updatedAt.description
    }
}

/// A repository in `granary repo show --json`.
struct RepositoryDetails: Encodable, Sendable {
    /// Somebody's role.
    struct Grant: Encodable, Sendable {
        let user: String
        let role: String
    }

    /// A protection of refs; no role means that nobody may.
    struct Protection: Encodable, Sendable {
        let pattern: String
        let push: String
        let forcePush: String?
        let delete: String?
    }

    let repository: RepositoryRow
    let directory: String
    let grants: [Grant]
    let protectedRefs: [Protection]

    /// Everything an administrator would ask about one repository.
    init(_ record: RepositoryRecord, directory: String, grants: [GrantRecord], protections: [ProtectedRefRecord]) {
        repository = RepositoryRow(record)
        self.directory = directory
        self.grants = grants.map { Grant(user: $0.userName, role: $0.role.rawValue) }
        protectedRefs = protections.map {
            Protection(
                pattern: $0.pattern,
                push: $0.pushRole.rawValue,
                forcePush: $0.forcePushRole?.rawValue,
                delete: $0.deleteRole?.rawValue
            )
        }
    }

    /// The keys of the repository itself, beside the rest.
    func encode(to encoder: any Encoder) throws {
        try repository.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(directory, forKey: .directory)
        try container.encode(grants, forKey: .grants)
        try container.encode(protectedRefs, forKey: .protectedRefs)
    }

    private enum CodingKeys: String, CodingKey {
        case directory, grants, protectedRefs
    }

    /// The same for people.
    var text: String {
        var lines = [
            "repository:              \(repository.repository)",
            "path:                    \(repository.path)",
            "visibility:              \(repository.visibility)",
            "default branch:          \(Printable.text(repository.defaultBranch))",
            "deny non-fast-forward:   \(repository.denyNonFastForward ? "yes" : "no")",
            "deny deletes:            \(repository.denyDeletes ? "yes" : "no")",
            "pointers without file:   \(repository.lfsPointers)",
            "created:                 \(repository.createdAt)",
            "updated:                 \(repository.updatedAt)",
            "directory:               \(directory)",
        ]
        lines += grants.map { "grant:                   \($0.user) \($0.role)" }
        lines += protectedRefs.map {
            "protected:               \(Printable.text($0.pattern)) push=\($0.push) "
                + "force-push=\($0.forcePush ?? "none") delete=\($0.delete ?? "none")"
        }
        return lines.joined(separator: "\n")
    }
}

extension RepositoryAddress {
    /// The path that follows the server's URL in a clone URL.
    var gitPath: String { path + ".git" }
}

extension String {
    /// The branch's short name; other refs stay whole.
    var droppingBranchPrefix: String {
        let prefix = "refs/heads/"
        return utf8.starts(with: prefix.utf8) ? String(dropFirst(prefix.count)) : self
    }
}
