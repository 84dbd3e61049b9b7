package import Access

extension Records {
    /// Adds an organisation's namespace; whatever kind the record says, an organisation is made.
    /// - Throws: `conflict` when a namespace has that name in any case, or the id is taken.
    package func insertOrganization(_ organization: NamespaceRecord) throws(MetadataError) {
        var organization = organization
        organization.kind = .organization
        try insertNamespace(organization)
    }

    /// The namespace with a name, in any case.
    package func namespace(named name: String) throws(MetadataError) -> NamespaceRecord? {
        let sql = "\(Self.namespaceSelection) WHERE folded_name = $1"
        guard let row = try connection.first(sql, [.text(foldedName(name))]) else { return nil }
        return try NamespaceRecord(row: row)
    }

    /// The namespace with an id.
    package func namespace(id: RecordID) throws(MetadataError) -> NamespaceRecord? {
        guard let row = try connection.first("\(Self.namespaceSelection) WHERE id = $1", [.id(id)]) else { return nil }
        return try NamespaceRecord(row: row)
    }

    /// All organisations, by name without regard to case.
    package func organizations() throws(MetadataError) -> [NamespaceRecord] {
        let sql = "\(Self.namespaceSelection) WHERE kind = $1 ORDER BY folded_name"
        return try connection.query(sql, [.name(NamespaceRecord.Kind.organization)]).map(NamespaceRecord.init(row:))
    }

    /// A page of organisations, by name without regard to case.
    /// - Parameters:
    ///   - after: the last name of the page before, in any case; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func organizations(after: String?, limit: Int) throws(MetadataError) -> [NamespaceRecord] {
        let sql = "\(Self.namespaceSelection) WHERE kind = $1 AND folded_name > $2 ORDER BY folded_name LIMIT $3"
        return try connection.query(
            sql,
            [.name(NamespaceRecord.Kind.organization), .text(after.map(foldedName) ?? ""), Self.page(limit)]
        ).map(NamespaceRecord.init(row:))
    }

    /// A page of an organisation's members, by name without regard to case.
    /// - Parameters: as of `organizations`.
    package func members(
        organizationID: RecordID,
        after: String?,
        limit: Int
    ) throws(MetadataError) -> [MembershipRecord] {
        try connection.query(
            """
            \(Self.membershipSelection) WHERE m.organization_id = $1 AND u.folded_name > $2
            ORDER BY u.folded_name LIMIT $3
            """,
            [.id(organizationID), .text(after.map(foldedName) ?? ""), Self.page(limit)]
        ).map(MembershipRecord.init(row:))
    }

    /// Gives a user a role in an organisation, in place of the one before; nil takes it away, if there was one.
    /// - Throws: `notFound` when there is no such organisation, `conflict` when there is no such user.
    package func setMembership(organizationID: RecordID, userID: RecordID, role: Role?) throws(MetadataError) {
        guard let role else {
            try connection.run(
                "DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2",
                [.id(organizationID), .id(userID)]
            )
            return
        }
        guard try namespace(id: organizationID)?.kind == .organization else { throw .notFound }
        try connection.run(
            """
            INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, $3)
            ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role
            """,
            [.id(organizationID), .id(userID), .name(role)]
        )
    }

    /// A user's role in an organisation; nil for strangers.
    package func membership(organizationID: RecordID, userID: RecordID) throws(MetadataError) -> Role? {
        try connection.first(
            "SELECT role FROM memberships WHERE organization_id = $1 AND user_id = $2",
            [.id(organizationID), .id(userID)]
        )?.named("role")
    }

    /// An organisation's members, by name without regard to case.
    package func members(organizationID: RecordID) throws(MetadataError) -> [MembershipRecord] {
        try connection.query(
            "\(Self.membershipSelection) WHERE m.organization_id = $1 ORDER BY u.folded_name",
            [.id(organizationID)]
        ).map(MembershipRecord.init(row:))
    }

    /// A user's organisations, by name without regard to case.
    package func memberships(userID: RecordID) throws(MetadataError) -> [MembershipRecord] {
        try connection.query(
            "\(Self.membershipSelection) WHERE m.user_id = $1 ORDER BY o.folded_name",
            [.id(userID)]
        ).map(MembershipRecord.init(row:))
    }

    func insertNamespace(_ namespace: NamespaceRecord) throws(MetadataError) {
        try connection.run(
            "INSERT INTO namespaces (id, name, folded_name, kind, created_at) VALUES ($1, $2, $3, $4, $5)",
            [
                .id(namespace.id), .text(namespace.name), .text(foldedName(namespace.name)), .name(namespace.kind),
                .time(namespace.createdAt),
            ]
        )
    }

    private static let namespaceSelection = "SELECT id, name, kind, created_at FROM namespaces"

    private static let membershipSelection = """
        SELECT m.organization_id, o.name AS organization_name, m.user_id, u.name AS user_name, m.role
        FROM memberships m JOIN namespaces o ON o.id = m.organization_id JOIN namespaces u ON u.id = m.user_id
        """
}
