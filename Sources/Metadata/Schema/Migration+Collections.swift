extension Migration {
    /// Version 11: collections of repositories, papers and other collections.
    ///
    /// An item is of one thing: a repository, a collection, or something that is named by a text alone. What is deleted
    /// leaves the collections that it was in.
    static func collections(for kind: SQLDriverKind) -> [String] {
        [
            """
            CREATE TABLE collections (
                id TEXT NOT NULL PRIMARY KEY,
                namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
                title TEXT NOT NULL,
                description TEXT,
                theme TEXT NOT NULL,
                visibility TEXT NOT NULL,
                position BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX collections_by_namespace ON collections (namespace_id, updated_at, id)",
            "CREATE INDEX collections_by_title ON collections (namespace_id, title)",
            "CREATE INDEX collections_in_order ON collections (updated_at, id)",
            """
            CREATE TABLE collection_items (
                id TEXT NOT NULL PRIMARY KEY,
                collection_id TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
                kind TEXT NOT NULL CHECK (kind IN ('repository', 'collection', 'paper')),
                thing TEXT NOT NULL,
                repository_id TEXT REFERENCES repositories (id) ON DELETE CASCADE,
                other_id TEXT REFERENCES collections (id) ON DELETE CASCADE,
                note TEXT,
                position BIGINT NOT NULL,
                UNIQUE (collection_id, kind, thing)
            )
            """,
            "CREATE INDEX collection_items_in_order ON collection_items (collection_id, position)",
            "CREATE INDEX collection_items_by_repository ON collection_items (repository_id)",
            "CREATE INDEX collection_items_by_collection ON collection_items (other_id)",
            "CREATE INDEX collection_items_by_thing ON collection_items (kind, thing)",
        ]
    }
}
