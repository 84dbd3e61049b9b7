package import Access

extension Records {
    /// Adds a collection.
    /// - Throws: `conflict` when there is no such namespace.
    package func insertCollection(_ collection: CollectionRecord, at moment: Timestamp) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO collections
                (id, namespace_id, title, description, theme, visibility, position, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .text(collection.id), .id(collection.namespaceID), .text(collection.title),
                .text(orNull: collection.description), .text(collection.theme), .name(collection.visibility),
                .integer(collection.position), .time(moment), .time(collection.updatedAt),
            ]
        )
    }

    /// A collection by its id.
    package func collection(id: String) throws(MetadataError) -> CollectionRecord? {
        try connection.first("\(Self.collectionSelection) WHERE c.id = $1", [.text(id)])
            .map(CollectionRecord.init(row:))
    }

    /// A namespace's collection by its title.
    package func collection(namespaceID: RecordID, title: String) throws(MetadataError) -> CollectionRecord? {
        let sql = "\(Self.collectionSelection) WHERE c.namespace_id = $1 AND c.title = $2 ORDER BY c.id LIMIT 1"
        return try connection.first(sql, [.id(namespaceID), .text(title)]).map(CollectionRecord.init(row:))
    }

    /// How many collections a namespace has.
    package func collectionCount(namespaceID: RecordID) throws(MetadataError) -> Int {
        try count("SELECT count(*) AS count FROM collections WHERE namespace_id = $1", [.id(namespaceID)])
    }

    /// Which collections a list shows.
    package enum CollectionCondition: Sendable {
        case all
        case owned(by: RecordID)
        case having(CollectionItemRecord.Kind, thing: String)
    }

    /// A page of collections, the one that changed last first.
    /// - Parameters:
    ///   - after: the last of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func collections(
        _ condition: CollectionCondition,
        after: (updatedAt: Timestamp, id: String)?,
        limit: Int
    ) throws(MetadataError) -> [CollectionRecord] {
        let end = after?.updatedAt ?? Timestamp(microseconds: .max)
        var parameters: [SQLValue] = [.time(end), .text(after?.id ?? ""), Self.page(limit)]
        let sql: String
        switch condition {
        case .all: sql = "1 = 1"
        case .owned(let id):
            sql = "c.namespace_id = $4"
            parameters.append(.id(id))
        case .having(let kind, let thing):
            sql = "c.id IN (SELECT collection_id FROM collection_items WHERE kind = $4 AND thing = $5)"
            parameters += [.name(kind), .text(thing)]
        }
        return try connection.query(
            """
            \(Self.collectionSelection)
            WHERE (c.updated_at < $1 OR (c.updated_at = $1 AND c.id < $2)) AND \(sql)
            ORDER BY c.updated_at DESC, c.id DESC LIMIT $3
            """,
            parameters
        ).map(CollectionRecord.init(row:))
    }

    /// Changes what a collection says of itself.
    /// - Throws: `notFound` when there is no such collection.
    package func updateCollection(_ collection: CollectionRecord) throws(MetadataError) {
        try change(
            """
            UPDATE collections SET title = $2, description = $3, theme = $4, visibility = $5, position = $6,
                updated_at = $7 WHERE id = $1
            """,
            [
                .text(collection.id), .text(collection.title), .text(orNull: collection.description),
                .text(collection.theme), .name(collection.visibility), .integer(collection.position),
                .time(collection.updatedAt),
            ]
        )
    }

    /// Deletes a collection with its items.
    package func deleteCollection(id: String) throws(MetadataError) {
        try connection.run("DELETE FROM collections WHERE id = $1", [.text(id)])
    }

    /// The items of a collection in their order.
    /// - Parameter limit: at most so many.
    package func collectionItems(collectionID: String, limit: Int) throws(MetadataError) -> [CollectionItemRecord] {
        try connection.query(
            """
            SELECT id, kind, thing, note, position FROM collection_items
            WHERE collection_id = $1 ORDER BY position, id LIMIT $2
            """,
            [.text(collectionID), .integer(Int64(clamping: limit))]
        ).map(CollectionItemRecord.init(row:))
    }

    /// Adds an item.
    /// - Returns: false when the collection has it.
    /// - Throws: `conflict` when there is no such thing.
    package func insertCollectionItem(
        _ item: CollectionItemRecord,
        into collectionID: String
    ) throws(MetadataError) -> Bool {
        let thing = SQLValue.text(item.thing)
        return try connection.run(
            """
            INSERT INTO collection_items (id, collection_id, kind, thing, repository_id, other_id, note, position)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (collection_id, kind, thing) DO NOTHING
            """,
            [
                .text(item.id), .text(collectionID), .name(item.kind), thing,
                item.kind == .repository ? thing : .null, item.kind == .collection ? thing : .null,
                .text(orNull: item.note), .integer(item.position),
            ]
        ) > 0
    }

    /// Changes an item's note and place.
    /// - Throws: `notFound` when there is no such item.
    package func updateCollectionItem(_ item: CollectionItemRecord) throws(MetadataError) {
        try change(
            "UPDATE collection_items SET note = $2, position = $3 WHERE id = $1",
            [.text(item.id), .text(orNull: item.note), .integer(item.position)]
        )
    }

    /// Removes an item.
    package func deleteCollectionItem(id: String) throws(MetadataError) {
        try connection.run("DELETE FROM collection_items WHERE id = $1", [.text(id)])
    }

    private static let collectionSelection = """
        SELECT c.id, c.namespace_id, n.name AS namespace_name, n.kind AS namespace_kind, c.title, c.description, c.theme,
            c.visibility, c.position, c.updated_at
        FROM collections c JOIN namespaces n ON n.id = c.namespace_id
        """
}
