package import Access
package import Metadata

/// A collection as somebody sees it.
package struct CollectionContent: Sendable {
    /// What an item is of.
    package enum Thing: Sendable {
        case repository(RepositoryAddress)
        /// By its slug.
        case collection(CollectionRecord)
        case paper(String)
    }

    /// The collection itself.
    package let record: CollectionRecord
    /// What is in it, as far as it may be seen.
    package let items: [(item: CollectionItemRecord, thing: Thing)]
}

/// What is to be put into a collection.
package enum CollectionThing: Sendable {
    case repository(RepositoryAddress)
    /// By its slug.
    case collection(String)
    case paper(String)
}

extension Collections {
    /// Puts something at the end of a collection.
    ///
    /// - Throws: `HubError.notFound` for what the actor may not see; `.conflict` for what is there already.
    package func add(
        _ thing: CollectionThing,
        note: String?,
        to slug: String,
        by actor: Actor
    ) async throws -> CollectionContent {
        let note = try CollectionText.note(note)
        return try await edit(slug, by: actor) { collection, records in
            let items = try records.collectionItems(collectionID: collection.id, limit: .max)
            guard items.count < CollectionText.mostItems else {
                throw HubError.invalid("A collection has at most \(CollectionText.mostItems) items.")
            }
            let (kind, key) = try self.key(of: thing, for: actor, records)
            guard kind != .collection || key != collection.id else {
                throw HubError.invalid("A collection is not in itself.")
            }
            let item = CollectionItemRecord(
                id: CollectionText.id(try self.environment.newID()),
                kind: kind,
                thing: key,
                note: note,
                position: (items.last?.position ?? -1) + 1
            )
            guard try records.insertCollectionItem(item, into: collection.id) else {
                throw HubError(.conflict, "The collection has this already.")
            }
        }
    }

    /// Changes the note of an item, or its place; nil stays.
    ///
    /// - Parameter position: 0 for the first place; what is beyond the end is the last one.
    package func updateItem(
        _ id: String,
        note: String?,
        position: Int64?,
        of slug: String,
        by actor: Actor
    ) async throws -> CollectionContent {
        let changed = try CollectionText.note(note)
        return try await edit(slug, by: actor) { collection, records in
            var items = try records.collectionItems(collectionID: collection.id, limit: .max)
            guard let index = items.firstIndex(where: { $0.id == id }) else { throw Self.missingItem }
            if note != nil {
                items[index].note = changed
                try records.updateCollectionItem(items[index])
            }
            guard let position else { return }
            let item = items.remove(at: index)
            items.insert(item, at: Int(min(max(position, 0), Int64(items.count))))
            for (place, var item) in items.enumerated() where item.position != Int64(place) {
                item.position = Int64(place)
                try records.updateCollectionItem(item)
            }
        }
    }

    /// Takes an item out of a collection.
    package func deleteItem(_ id: String, of slug: String, by actor: Actor) async throws -> CollectionContent {
        try await edit(slug, by: actor) { collection, records in
            let items = try records.collectionItems(collectionID: collection.id, limit: .max)
            guard items.contains(where: { $0.id == id }) else { throw Self.missingItem }
            try records.deleteCollectionItem(id: id)
        }
    }

    private static let missingItem = HubError(.notFound, "The collection has no such item.")

    /// How the database names a thing that the actor may see.
    func key(
        of thing: CollectionThing,
        for actor: Actor,
        _ records: Records
    ) throws -> (CollectionItemRecord.Kind, String) {
        switch thing {
        case .repository(let address):
            let repository = try records.repository(at: address, action: .readRepository, by: actor)
            return (.repository, repository.id.text)
        case .collection(let slug):
            guard let id = CollectionText.id(inSlug: slug), let other = try records.collection(id: id),
                try isVisible(other, to: actor, records)
            else { throw HubError(.notFound, "There is no such collection.") }
            return (.collection, other.id)
        case .paper(let name):
            let isName = name.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            guard isName, (9...12).contains(name.utf8.count) else {
                throw HubError.invalid("A paper is named by its number on arXiv, such as 2307.09288.")
            }
            return (.paper, name)
        }
    }

    /// - Parameter limit: at most so many items.
    func content(
        of collection: CollectionRecord,
        for actor: Actor,
        limit: Int,
        _ records: Records
    ) throws -> CollectionContent {
        var items: [(item: CollectionItemRecord, thing: CollectionContent.Thing)] = []
        for item in try records.collectionItems(collectionID: collection.id, limit: CollectionText.mostItems) {
            guard items.count < limit else { break }
            if let thing = try self.thing(of: item, for: actor, records) { items.append((item, thing)) }
        }
        return CollectionContent(record: collection, items: items)
    }

    private func thing(
        of item: CollectionItemRecord,
        for actor: Actor,
        _ records: Records
    ) throws -> CollectionContent.Thing? {
        switch item.kind {
        case .paper: return .paper(item.thing)
        case .collection:
            guard let other = try records.collection(id: item.thing), try isVisible(other, to: actor, records) else {
                return nil
            }
            return .collection(other)
        case .repository:
            guard let repository = try RecordID(item.thing).flatMap({ try records.repository(id: $0) }) else {
                return nil
            }
            let facts = try records.facts(of: repository, for: actor)
            guard AccessPolicy.decide(actor, .readRepository, on: .repository(facts)) == .allow else { return nil }
            return .repository(repository.address)
        }
    }
}
