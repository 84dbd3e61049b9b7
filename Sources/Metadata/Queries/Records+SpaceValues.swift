package import Access

extension Records {
    /// Gives a space a value, in place of the one of that name and kind if there is one.
    /// - Returns: false when the name is that of the other kind; then nothing has changed.
    /// - Throws: `conflict` when there is no such repository.
    package func setSpaceValue(repositoryID: RecordID, _ value: SpaceValueRecord) throws(MetadataError) -> Bool {
        try connection.run(
            """
            INSERT INTO space_values (repository_id, name, kind, value, description, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (repository_id, name) DO UPDATE SET value = excluded.value,
                description = excluded.description, updated_at = excluded.updated_at
            WHERE space_values.kind = excluded.kind
            """,
            [
                .id(repositoryID), .text(value.name), .name(value.kind), .text(value.value),
                .text(orNull: value.description), .time(value.updatedAt),
            ]
        ) > 0
    }

    /// Takes a value away.
    /// - Returns: false when there is none of that name and kind.
    package func deleteSpaceValue(
        repositoryID: RecordID,
        name: String,
        _ kind: SpaceValueRecord.Kind
    ) throws(MetadataError) -> Bool {
        try connection.run(
            "DELETE FROM space_values WHERE repository_id = $1 AND name = $2 AND kind = $3",
            [.id(repositoryID), .text(name), .name(kind)]
        ) > 0
    }

    /// A space's values of a kind in the order of their names: at most `largestPage`.
    package func spaceValues(
        repositoryID: RecordID,
        _ kind: SpaceValueRecord.Kind
    ) throws(MetadataError) -> [SpaceValueRecord] {
        try connection.query(
            """
            SELECT name, kind, value, description, updated_at FROM space_values
            WHERE repository_id = $1 AND kind = $2 ORDER BY name LIMIT $3
            """,
            [.id(repositoryID), .name(kind), Self.page(Self.largestPage)]
        ).map(SpaceValueRecord.init(row:))
    }
}
