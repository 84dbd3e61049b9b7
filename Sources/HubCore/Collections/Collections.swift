package import Access
import Metadata

/// Collections: made, changed, filled, deleted.
///
/// A collection that the actor may not see is like one that does not exist.
package struct Collections: Sendable {
    let database: Database
    let environment: HubEnvironment
    let journal: Journal

    /// Collections in `metadata`.
    init(metadata: MetadataStore, environment: HubEnvironment) {
        database = Database(store: metadata)
        self.environment = environment
        journal = Journal(environment: environment)
    }

    /// A collection to be made.
    package struct New: Sendable {
        let namespace: String
        let title: String
        let description: String?
        let visibility: Visibility

        /// A collection to be made.
        package init(namespace: String, title: String, description: String?, visibility: Visibility) {
            self.namespace = namespace
            self.title = title
            self.description = description
            self.visibility = visibility
        }
    }

    /// What became of a collection that was to be made.
    package enum Creation: Sendable {
        case made(CollectionContent)
        /// The namespace has a collection of the title, with this slug.
        case taken(slug: String)
    }

    /// What is to be changed; nil stays.
    package struct Change: Sendable {
        package var title: String?
        package var description: String?
        package var theme: String?
        package var visibility: Visibility?
        package var position: Int64?

        /// Nothing yet.
        package init() {}
    }

    /// Makes an empty collection.
    ///
    /// - Throws: `HubError` unless the actor may write in the namespace.
    package func create(_ new: New, by actor: Actor) async throws -> Creation {
        let (title, description) = (
            try CollectionText.title(new.title), try CollectionText.description(new.description)
        )
        return try await database.transaction { records in
            let namespace = try writable(new.namespace, by: actor, records)
            if let known = try records.collection(namespaceID: namespace.id, title: title) {
                return .taken(slug: known.slug)
            }
            guard try records.collectionCount(namespaceID: namespace.id) < CollectionText.mostCollections else {
                throw HubError.invalid("A namespace has at most \(CollectionText.mostCollections) collections.")
            }
            let now = environment.now()
            let record = CollectionRecord(
                id: CollectionText.id(try environment.newID()),
                namespace: namespace,
                title: title,
                description: description,
                theme: CollectionText.themes[0],
                visibility: new.visibility,
                updatedAt: now
            )
            try records.insertCollection(record, at: now)
            try journal.audit("collection.created", record.slug, by: actor, in: records)
            return .made(CollectionContent(record: record, items: []))
        }
    }

    /// A collection with the items that the actor may see.
    package func collection(_ slug: String, by actor: Actor) async throws -> CollectionContent {
        try await database.read { records in
            try content(of: try visible(slug, to: actor, records), for: actor, limit: .max, records)
        }
    }

    /// Changes what a collection says of itself.
    package func update(_ slug: String, _ change: Change, by actor: Actor) async throws -> CollectionContent {
        try await edit(slug, by: actor) { collection, records in
            if let title = change.title { collection.title = try CollectionText.title(title) }
            if let text = change.description { collection.description = try CollectionText.description(text) }
            if let theme = change.theme { collection.theme = try CollectionText.theme(theme) }
            collection.visibility = change.visibility ?? collection.visibility
            collection.position = max(0, change.position ?? collection.position)
        }
    }

    /// Deletes a collection.
    package func delete(_ slug: String, by actor: Actor) async throws {
        try await database.transaction { records in
            let collection = try editable(slug, by: actor, records)
            try records.deleteCollection(id: collection.id)
            try journal.audit("collection.deleted", collection.slug, by: actor, in: records)
        }
    }

    // MARK: - Access

    /// Makes a change, and notes when it was.
    func edit(
        _ slug: String,
        by actor: Actor,
        _ body: @escaping @Sendable (inout CollectionRecord, Records) throws -> Void
    ) async throws -> CollectionContent {
        try await database.transaction { records in
            var collection = try editable(slug, by: actor, records)
            try body(&collection, records)
            collection.updatedAt = environment.now()
            try records.updateCollection(collection)
            return try content(of: collection, for: actor, limit: .max, records)
        }
    }

    private func writable(_ name: String, by actor: Actor, _ records: Records) throws -> NamespaceRecord {
        let namespace = try records.namespace(byName: name)
        let facts = try namespace.map { try records.facts(of: $0, for: actor) }
        let resource = Resource.namespace(try facts ?? NamespaceFacts(id: environment.newID()))
        try AccessPolicy.decide(actor, .writeNamespace, on: resource).require("namespace")
        guard let namespace else { throw HubError(.notFound, "There is no such user or organization.") }
        return namespace
    }

    private func editable(_ slug: String, by actor: Actor, _ records: Records) throws -> CollectionRecord {
        guard actor != .anonymous else {
            throw HubError(.unauthenticated, "Authentication is required to do this.")
        }
        let collection = try visible(slug, to: actor, records)
        _ = try writable(collection.namespaceName, by: actor, records)
        return collection
    }

    /// The collection of a slug.
    ///
    /// The title in it may be an old one, as titles change; the id decides.
    private func visible(_ slug: String, to actor: Actor, _ records: Records) throws -> CollectionRecord {
        guard let id = CollectionText.id(inSlug: slug), let collection = try records.collection(id: id),
            let namespace = slug.split(separator: "/").first,
            foldedName(String(namespace)) == foldedName(collection.namespaceName),
            try isVisible(collection, to: actor, records)
        else { throw HubError(.notFound, "There is no such collection.") }
        return collection
    }

    /// Whoever may see any private repository of the namespace may see its private collections.
    func isVisible(_ collection: CollectionRecord, to actor: Actor, _ records: Records) throws -> Bool {
        if collection.visibility == .public { return true }
        guard let namespace = try records.namespace(id: collection.namespaceID) else { return false }
        let facts = RepositoryFacts(
            id: try environment.newID(),
            namespaceID: namespace.id,
            visibility: .private,
            namespaceRole: try records.facts(of: namespace, for: actor).role
        )
        return AccessPolicy.decide(actor, .readRepository, on: .repository(facts)) == .allow
    }
}
