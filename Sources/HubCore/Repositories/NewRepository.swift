package import Access

/// A repository to be made.
package struct NewRepository: Sendable {
    /// Where; the namespace must exist.
    package var address: RepositoryAddress
    /// Who may read it.
    package var visibility: Visibility
    /// Whether it gets a first commit with `.gitattributes`; otherwise it is empty.
    package var initialize: Bool
    /// What a space runs on; the first commit of a space says so in its README.
    package var sdk: String?

    /// A repository to be made.
    package init(address: RepositoryAddress, visibility: Visibility, initialize: Bool, sdk: String? = nil) {
        self.sdk = sdk
        self.address = address
        self.visibility = visibility
        self.initialize = initialize
    }
}

/// Which repositories a list shows.
package struct RepositoryListing: Sendable {
    /// Only those of this user or organisation.
    package var namespace: String?
    /// Only those of this type.
    package var type: RepositoryType?
    /// Only those after this one: the id of the last of the page before.
    package var after: RecordID?
    /// How many at most; 1 through 1000.
    package var limit: Int

    /// All repositories, from the first.
    package init(namespace: String? = nil, type: RepositoryType? = nil, after: RecordID? = nil, limit: Int = 1000) {
        self.namespace = namespace
        self.type = type
        self.after = after
        self.limit = limit
    }
}
