package import Access
import Metadata

/// Where a permission of a fine-grained token holds, as people write it: "*", "NAMESPACE" or "TYPE/NAMESPACE/NAME".
package enum TokenPlace: Sendable, Equatable, CustomStringConvertible {
    /// Everywhere its owner is.
    case everywhere
    /// The repositories of a user or an organisation.
    case namespace(String)
    /// One repository.
    case repository(RepositoryAddress)

    /// Reads what people write; "NAMESPACE/NAME" is a model.
    ///
    /// - Throws: `HubError.invalid` for what cannot be a place.
    package init(parsing text: String) throws(HubError) {
        do {
            switch text.split(separator: "/", omittingEmptySubsequences: false).count {
            case 1 where text == "*": self = .everywhere
            // No rule of names is looked at: a name that none can have is one that nobody has.
            case 1: self = .namespace(text)
            case 2: self = .repository(try RepositoryAddress(type: .model, parsing: text))
            default: self = .repository(try RepositoryAddress(parsing: text))
            }
        } catch {
            throw HubError(.invalid, "A place is '*', NAMESPACE, or TYPE/NAMESPACE/NAME. \(error)")
        }
    }

    /// The place as it is parsed.
    package var description: String {
        switch self {
        case .everywhere: "*"
        case .namespace(let name): name
        case .repository(let address): address.description
        }
    }

    /// The place that a stored permission names; nil when it is gone.
    init?(_ place: TokenScope.Restriction, in records: Records) throws {
        switch place {
        case .hub: self = .everywhere
        case .namespace(let id):
            guard let namespace = try records.namespace(id: id) else { return nil }
            self = .namespace(namespace.name)
        case .repository(let id):
            guard let repository = try records.repository(id: id) else { return nil }
            self = .repository(repository.address)
        }
    }

    /// The place by its id.
    ///
    /// - Throws: `HubError.notFound` when there is no such namespace or repository, or the actor may not see it.
    func restriction(for actor: Actor, in records: Records) throws -> TokenScope.Restriction {
        switch self {
        case .everywhere: return .hub
        case .namespace(let name):
            guard let namespace = try records.namespace(byName: name) else {
                throw HubError(.notFound, "There is no such namespace.")
            }
            return .namespace(namespace.id)
        case .repository(let address):
            return .repository(try records.repository(at: address, action: .readRepository, by: actor).id)
        }
    }
}

/// What a fine-grained token may do, by names.
package struct TokenPermissionList: Sendable, Equatable {
    /// Verbs in one place.
    package struct Entry: Sendable, Equatable {
        /// Where.
        package var place: TokenPlace
        /// What; verbs that others include may be left out.
        package var verbs: [TokenVerb]

        /// Some verbs in a place.
        package init(place: TokenPlace, verbs: [TokenVerb]) {
            self.place = place
            self.verbs = verbs
        }
    }

    /// What it may do where.
    package var entries: [Entry]
    /// Whether it manages its own account.
    package var managesAccount: Bool
    /// Whether it has what its owner has as an administrator of the hub.
    package var administersHub: Bool

    /// More entries than this are not taken.
    package static let largestCount = 64

    /// A list from its parts.
    package init(entries: [Entry] = [], managesAccount: Bool = false, administersHub: Bool = false) {
        self.entries = entries
        self.managesAccount = managesAccount
        self.administersHub = administersHub
    }

    /// What is stored, by the names of today; places that are gone are left out.
    init(_ permissions: TokenPermissions, in records: Records) throws {
        let entries = try permissions.entries.compactMap { entry in
            try TokenPlace(entry.place, in: records).map { Entry(place: $0, verbs: entry.verbs) }
        }
        self.init(
            entries: entries,
            managesAccount: permissions.managesAccount,
            administersHub: permissions.administersHub
        )
    }

    /// What is to be stored.
    ///
    /// - Throws: `HubError.invalid` for too many entries, an entry without a verb, or nothing at all; `.notFound` as
    ///   `TokenPlace` does.
    func resolved(for actor: Actor, in records: Records) throws -> TokenPermissions {
        guard entries.count <= Self.largestCount else {
            throw HubError(.invalid, "A token has at most \(Self.largestCount) permissions.")
        }
        guard !entries.isEmpty || managesAccount || administersHub else {
            throw HubError(.invalid, "A fine-grained token needs a permission.")
        }
        let resolved = try entries.map { entry in
            guard !entry.verbs.isEmpty else { throw HubError(.invalid, "A permission needs a verb.") }
            return TokenPermissions.Entry(
                place: try entry.place.restriction(for: actor, in: records),
                verbs: entry.verbs
            )
        }
        return TokenPermissions(entries: resolved, managesAccount: managesAccount, administersHub: administersHub)
    }
}
