package import Access
import Metadata

extension Collections {
    package static let largestPage = 100
    /// Collections that are looked at for one page: those that the asker may not see are passed over.
    private static let mostLooks = 1_000
    /// Items that a list shows of each collection.
    private static let shownItems = 4

    /// Which collections a list shows.
    package enum Condition: Sendable {
        case all
        case owned(by: String)
        case having(CollectionThing)
    }

    /// Where a page begins: after a collection that had changed last at a moment.
    package struct Place: Sendable {
        let updatedAt: Timestamp
        let id: String

        /// Reads a place as `text` writes it; nil for anything else.
        package init?(_ text: String) {
            let parts = text.split(separator: ".")
            guard parts.count == 2, let moment = Int64(parts[0]), CollectionText.id(inSlug: String(parts[1])) != nil
            else { return nil }
            (updatedAt, id) = (Timestamp(microseconds: moment), String(parts[1]))
        }

        init(_ record: CollectionRecord) {
            (updatedAt, id) = (record.updatedAt, record.id)
        }

        /// The place as a cursor.
        package var text: String { "\(updatedAt.microseconds).\(id)" }
    }

    /// A page of collections that the actor may see, the one that changed last first, and where the next one begins.
    ///
    /// A name that nobody has, or a thing that the actor may not see, gives an empty list.
    package func collections(
        _ condition: Condition,
        after: Place?,
        limit: Int,
        by actor: Actor
    ) async throws -> (collections: [CollectionContent], next: Place?) {
        try await database.read { records in
            guard let condition = try self.condition(condition, for: actor, records) else { return ([], nil) }
            let limit = min(max(limit, 1), Self.largestPage)
            var found: [CollectionContent] = []
            var (last, looks) = (after, 0)
            while found.count < limit, looks < Self.mostLooks {
                let rows = try records.collections(condition, after: last.map { ($0.updatedAt, $0.id) }, limit: limit)
                for row in rows {
                    (last, looks) = (Place(row), looks + 1)
                    guard try isVisible(row, to: actor, records) else { continue }
                    found.append(try content(of: row, for: actor, limit: Self.shownItems, records))
                    if found.count == limit { break }
                }
                guard rows.count == limit else { return (found, found.count == limit ? last : nil) }
            }
            return (found, last)
        }
    }

    private func condition(
        _ condition: Condition,
        for actor: Actor,
        _ records: Records
    ) throws -> Records.CollectionCondition? {
        switch condition {
        case .all: return .all
        case .owned(let name): return try records.namespace(byName: name).map { .owned(by: $0.id) }
        case .having(let thing):
            do {
                let (kind, key) = try self.key(of: thing, for: actor, records)
                return .having(kind, thing: key)
            } catch is HubError {
                return nil
            }
        }
    }
}
