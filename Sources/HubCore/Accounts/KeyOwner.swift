package import Access
package import Metadata

/// Whose a key is, by name.
package enum KeyOwner: Sendable, Equatable {
    /// A user's: it signs in the user, with all the account may do.
    case user(String)
    /// A repository's: a deploy key.
    case repository(RepositoryAddress)
    /// An organisation's: it acts in the organisation's repositories.
    case organization(String)

    /// The kind of owner, as programs read it.
    package var kind: String {
        switch self {
        case .user: "user"
        case .repository: "repository"
        case .organization: "organization"
        }
    }

    /// The owner's name or address.
    package var name: String {
        switch self {
        case .user(let name), .organization(let name): name
        case .repository(let address): address.description
        }
    }
}

/// A key and its owner's name.
package struct KeySummary: Sendable, Equatable {
    /// The key.
    package var record: KeyRecord
    /// Whose it is, in the owner's own spelling.
    package var owner: KeyOwner

    /// A key of an owner whose name is known.
    package init(_ record: KeyRecord, owner: KeyOwner) {
        self.record = record
        self.owner = owner
    }

    /// - Parameter records: where names are looked up.
    /// - Throws: `MetadataError.corrupt` for a key without owner, which the database does not allow.
    init(_ record: KeyRecord, in records: Records) throws {
        self.record = record
        let owner: KeyOwner? =
            switch record.owner {
            case .user(let id): try records.user(id: id).map { .user($0.name) }
            case .repository(let id, _): try records.repository(id: id).map { .repository($0.address) }
            case .organization(let id, _): try records.namespace(id: id).map { .organization($0.name) }
            }
        guard let owner else { throw MetadataError.corrupt("ssh_keys has a key without an owner") }
        self.owner = owner
    }
}
