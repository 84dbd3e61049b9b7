package import Access

extension Records {
    /// Shows a repository to everybody, or hides it.
    /// - Throws: `notFound` when there is no such repository.
    package func setVisibility(repositoryID: RecordID, _ visibility: Visibility) throws(MetadataError) {
        try change("UPDATE repositories SET visibility = $2 WHERE id = $1", [.id(repositoryID), .name(visibility)])
    }

    /// Points `HEAD` to another ref, and starts a new generation, because advertisements name `HEAD`.
    /// - Parameter target: a full ref name; the ref need not exist.
    /// - Throws: `notFound` when there is no such repository.
    package func setHead(repositoryID: RecordID, target: String) throws(MetadataError) {
        try change(
            "UPDATE repositories SET head_target = $2, generation = generation + 1 WHERE id = $1",
            [.id(repositoryID), .text(target)]
        )
    }

    /// Replaces the rules for pushes.
    /// - Throws: `notFound` when there is no such repository.
    package func setSettings(repositoryID: RecordID, _ settings: RepositorySettings) throws(MetadataError) {
        try change(
            "UPDATE repositories SET deny_non_fast_forward = $2, deny_deletes = $3, lfs_pointers = $4 WHERE id = $1",
            [
                .id(repositoryID), .flag(settings.denyNonFastForward), .flag(settings.denyDeletes),
                .name(settings.lfsPointers),
            ]
        )
    }

    /// Gives a repository another address; the old one redirects to it from now on.
    ///
    /// A redirect that stood at the new address goes. A change of case only leaves no redirect.
    /// - Throws: `notFound` when there is no such repository, `conflict` when the new address is taken.
    package func moveRepository(
        id: RecordID,
        toNamespace namespaceID: RecordID,
        name: String,
        at moment: Timestamp
    ) throws(MetadataError) {
        guard let old = try repository(id: id) else { throw .notFound }
        try change(
            "UPDATE repositories SET namespace_id = $2, name = $3, folded_name = $4, updated_at = $5 WHERE id = $1",
            [.id(id), .id(namespaceID), .text(name), .text(foldedName(name)), .time(moment)]
        )
        try connection.run(
            """
            UPDATE repository_names
            SET folded_id = (SELECT n.folded_name || '/' || $2 FROM namespaces n WHERE n.id = $3)
            WHERE repository_id = $1
            """,
            [.id(id), .text(foldedName(name)), .id(namespaceID)]
        )
        try connection.run(
            """
            INSERT INTO repository_redirects (namespace_id, type, folded_name, repository_id, created_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (namespace_id, type, folded_name)
            DO UPDATE SET repository_id = excluded.repository_id, created_at = excluded.created_at
            """,
            [.id(old.namespaceID), .name(old.type), .text(foldedName(old.name)), .id(id), .time(moment)]
        )
        try deleteRedirect(namespaceID: namespaceID, type: old.type, name: name)
    }

    /// Where the repository went that once had an address, in any case; nil when none did.
    ///
    /// Ask only when no repository is there: a redirect never hides one.
    package func redirect(type: RepositoryType, namespace: String, name: String) throws(MetadataError) -> RecordID? {
        try connection.first(
            """
            SELECT d.repository_id FROM repository_redirects d JOIN namespaces n ON n.id = d.namespace_id
            WHERE n.folded_name = $1 AND d.type = $2 AND d.folded_name = $3
            """,
            [.text(foldedName(namespace)), .name(type), .text(foldedName(name))]
        )?.id("repository_id")
    }

    func deleteRedirect(namespaceID: RecordID, type: RepositoryType, name: String) throws(MetadataError) {
        try connection.run(
            "DELETE FROM repository_redirects WHERE namespace_id = $1 AND type = $2 AND folded_name = $3",
            [.id(namespaceID), .name(type), .text(foldedName(name))]
        )
    }
}
