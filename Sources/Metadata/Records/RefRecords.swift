package import Access

/// A ref and what it points to.
package struct RefRecord: Sendable, Equatable {
    /// The full name, `refs/heads/main`, to be compared by bytes.
    package var name: String
    /// 40 lower-case hexadecimal digits.
    package var oid: String
    /// The object that an annotated tag finally points to, 40 digits; nil for everything else.
    package var peeled: String?

    /// A ref from its parts.
    package init(name: String, oid: String, peeled: String? = nil) {
        self.name = name
        self.oid = oid
        self.peeled = peeled
    }

    /// Reads the first three columns, in this order: name, oid, peeled.
    ///
    /// Advertisements read tens of thousands of them.
    init(row: SQLRow) throws(MetadataError) {
        name = try row.text(at: 0)
        oid = try row.text(at: 1)
        peeled = try row.optionalText(at: 2)
    }
}

/// Refs of a repository that need a role to be pushed to.
package struct ProtectedRefRecord: Sendable, Equatable {
    /// The repository.
    package var repositoryID: RecordID
    /// Which refs: a full name, with `*` as in refspecs.
    package var pattern: String
    /// Who may create and fast-forward them.
    package var pushRole: Role
    /// Who may move them otherwise; nil for nobody.
    package var forcePushRole: Role?
    /// Who may delete them; nil for nobody.
    package var deleteRole: Role?

    /// A protection from its parts.
    package init(
        repositoryID: RecordID,
        pattern: String,
        pushRole: Role,
        forcePushRole: Role? = nil,
        deleteRole: Role? = nil
    ) {
        self.repositoryID = repositoryID
        self.pattern = pattern
        self.pushRole = pushRole
        self.forcePushRole = forcePushRole
        self.deleteRole = deleteRole
    }

    init(row: SQLRow) throws(MetadataError) {
        repositoryID = try row.id("repository_id")
        pattern = try row.text("pattern")
        pushRole = try row.named("push_role")
        forcePushRole = try row.optionallyNamed("force_push_role")
        deleteRole = try row.optionallyNamed("delete_role")
    }
}
