package import Access

extension Records {
    /// Gives a user a role in one repository, in place of the one before; nil takes it away, if there was one.
    /// - Throws: `conflict` when there is no such repository or user.
    package func setGrant(repositoryID: RecordID, userID: RecordID, role: Role?) throws(MetadataError) {
        guard let role else {
            try connection.run(
                "DELETE FROM repository_grants WHERE repository_id = $1 AND user_id = $2",
                [.id(repositoryID), .id(userID)]
            )
            return
        }
        try connection.run(
            """
            INSERT INTO repository_grants (repository_id, user_id, role) VALUES ($1, $2, $3)
            ON CONFLICT (repository_id, user_id) DO UPDATE SET role = excluded.role
            """,
            [.id(repositoryID), .id(userID), .name(role)]
        )
    }

    /// A repository's grants, by the users' names without regard to case.
    package func grants(repositoryID: RecordID) throws(MetadataError) -> [GrantRecord] {
        try connection.query(
            """
            SELECT g.repository_id, g.user_id, n.name AS user_name, g.role
            FROM repository_grants g JOIN namespaces n ON n.id = g.user_id
            WHERE g.repository_id = $1 ORDER BY n.folded_name
            """,
            [.id(repositoryID)]
        ).map(GrantRecord.init(row:))
    }

    /// The role granted to a user in one repository; nil without a grant.
    package func grant(repositoryID: RecordID, userID: RecordID) throws(MetadataError) -> Role? {
        try connection.first(
            "SELECT role FROM repository_grants WHERE repository_id = $1 AND user_id = $2",
            [.id(repositoryID), .id(userID)]
        )?.named("role")
    }

    /// A repository's protections, by the bytes of their patterns.
    package func protectedRefs(repositoryID: RecordID) throws(MetadataError) -> [ProtectedRefRecord] {
        try connection.query(
            """
            SELECT repository_id, pattern, push_role, force_push_role, delete_role
            FROM protected_refs WHERE repository_id = $1 ORDER BY pattern
            """,
            [.id(repositoryID)]
        ).map(ProtectedRefRecord.init(row:))
    }

    /// Adds a protection, or replaces the one with the same pattern.
    /// - Throws: `conflict` when there is no such repository.
    package func setProtectedRef(_ protection: ProtectedRefRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO protected_refs (repository_id, pattern, push_role, force_push_role, delete_role)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (repository_id, pattern) DO UPDATE SET push_role = excluded.push_role,
                force_push_role = excluded.force_push_role, delete_role = excluded.delete_role
            """,
            [
                .id(protection.repositoryID), .text(protection.pattern), .name(protection.pushRole),
                .name(protection.forcePushRole), .name(protection.deleteRole),
            ]
        )
    }

    /// Removes a protection.
    /// - Returns: whether there was one.
    @discardableResult
    package func deleteProtectedRef(repositoryID: RecordID, pattern: String) throws(MetadataError) -> Bool {
        try connection.run(
            "DELETE FROM protected_refs WHERE repository_id = $1 AND pattern = $2",
            [.id(repositoryID), .text(pattern)]
        ) > 0
    }
}
