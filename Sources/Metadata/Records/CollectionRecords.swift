package import Access

/// A collection: a list that somebody has put together.
package struct CollectionRecord: Sendable, Equatable {
    /// 24 lower-case hexadecimal digits; the last part of the slug.
    package var id: String
    /// Whose it is.
    package var namespaceID: RecordID
    /// The name of whose it is, as it is written.
    package var namespaceName: String
    /// Whether a user or an organisation has it.
    package var namespaceKind: NamespaceRecord.Kind
    /// What it is called.
    package var title: String
    /// What it is about.
    package var description: String?
    /// The name of a colour.
    package var theme: String
    /// Who may see it.
    package var visibility: Visibility
    /// Its place among those of its owner, as far as the owner has said.
    package var position: Int64
    /// When it or its items changed last.
    package var updatedAt: Timestamp

    /// A collection from its parts.
    package init(
        id: String,
        namespace: NamespaceRecord,
        title: String,
        description: String?,
        theme: String,
        visibility: Visibility,
        updatedAt: Timestamp
    ) {
        self.id = id
        namespaceID = namespace.id
        namespaceName = namespace.name
        namespaceKind = namespace.kind
        self.title = title
        self.description = description
        self.theme = theme
        self.visibility = visibility
        position = 0
        self.updatedAt = updatedAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.text("id")
        namespaceID = try row.id("namespace_id")
        namespaceName = try row.text("namespace_name")
        namespaceKind = try row.named("namespace_kind")
        title = try row.text("title")
        description = try row.optionalText("description")
        theme = try row.text("theme")
        visibility = try row.named("visibility")
        position = try row.integer("position")
        updatedAt = try row.time("updated_at")
    }
}

/// What is in a collection.
package struct CollectionItemRecord: Sendable, Equatable {
    /// What kind of thing an item is of.
    package enum Kind: String, Sendable {
        case repository
        case collection
        case paper
    }

    /// 24 lower-case hexadecimal digits.
    package var id: String
    /// What kind of thing it is.
    package var kind: Kind
    /// The id of the repository or collection, or the name of the paper.
    package var thing: String
    /// What the collector says of it.
    package var note: String?
    /// Its place, from 0 on, with gaps where something was deleted.
    package var position: Int64

    /// An item from its parts.
    package init(id: String, kind: Kind, thing: String, note: String?, position: Int64) {
        self.id = id
        self.kind = kind
        self.thing = thing
        self.note = note
        self.position = position
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.text("id")
        kind = try row.named("kind")
        thing = try row.text("thing")
        note = try row.optionalText("note")
        position = try row.integer("position")
    }
}
