package import Access
import GitCore
import Metadata

extension Catalogue {
    /// Entries of a page, at most.
    package static let largestPage = 1_000
    /// Repositories that one page looks at in search of those that fit; then it ends, and the next one goes on.
    private static let mostScanned = 3_000
    /// Rounds for a page on which nothing fits.
    private static let mostRounds = 2

    /// A page of the repositories that fit and that the actor may see.
    ///
    /// It costs the same however many repositories there are, and so may end before it is full: `next` tells.
    /// - Throws: `HubError.invalid` for more conditions than are looked for at once.
    package func list(
        _ query: CatalogueQuery,
        _ detail: CatalogueDetail,
        by actor: Actor
    ) async throws -> CataloguePage {
        let page = try await page(query, hasDetails: detail != .brief, by: actor)
        return detail == .files ? try await addingFiles(to: page, query.order) : page
    }

    private func page(_ query: CatalogueQuery, hasDetails: Bool, by actor: Actor) async throws -> CataloguePage {
        let stranger = try environment.newID()
        return try await database.read { records in
            guard let filter = try query.filter(in: records) else { return CataloguePage() }
            let audience = Self.audience(of: actor, stranger: stranger)
            var page = CataloguePage(next: query.after)
            for _ in 0..<Self.mostRounds {
                let found = try Self.find(filter, audience, after: page.next, limit: query.limit, records)
                page = try Self.load(found.places, next: found.next, hasDetails: hasDetails, records)
                try page.entries.removeAll { try !Self.isReadable($0.repository, by: actor, in: records) }
                guard page.entries.isEmpty, page.next != nil else { break }
            }
            return page
        }
    }

    /// Bytes of metadata on one page; the entry with which there are more is the last.
    private static let mostDetails = 4 << 20
    /// Entries that are loaded at a time for that.
    private static let portion = 25

    private static func load(
        _ places: [CataloguePosition],
        next: CataloguePosition?,
        hasDetails: Bool,
        _ records: Records
    ) throws -> CataloguePage {
        guard hasDetails else {
            return CataloguePage(entries: try records.catalogueEntries(places.map(\.id), hasDetails: false), next: next)
        }
        var (page, bytes, rest) = (CataloguePage(next: next), 0, places[...])
        while let last = rest.prefix(portion).last {
            let entries = try records.catalogueEntries(rest.prefix(portion).map(\.id), hasDetails: true)
            page.entries += entries
            bytes += entries.reduce(0) { $0 + ($1.card?.card?.utf8.count ?? 0) + ($1.card?.details.utf8.count ?? 0) }
            rest = rest.dropFirst(portion)
            guard bytes <= mostDetails || rest.isEmpty else {
                page.next = last
                break
            }
        }
        return page
    }

    /// Whose private repositories are looked for; nil for nobody's.
    ///
    /// A first choice: `Access` decides about each that is found. Who may read the private repository of a stranger may
    /// read all.
    private static func audience(of actor: Actor, stranger: RecordID) -> CatalogueAudience? {
        let facts = RepositoryFacts(id: stranger, namespaceID: stranger, visibility: .private)
        if AccessPolicy.decide(actor, .readRepository, on: .repository(facts)) == .allow { return .all }
        switch actor {
        case .anonymous, .operator: return nil
        case .user(let user): return .user(user.id)
        case .key(let key):
            return switch key.restriction {
            case .hub: nil
            case .namespace(let id): .namespace(id)
            case .repository(let id): .repository(id)
            }
        }
    }

    /// Public and private repositories are two lists, each walked along by itself; here they become one.
    private static func find(
        _ filter: CatalogueFilter,
        _ audience: CatalogueAudience?,
        after: CataloguePosition?,
        limit: Int,
        _ records: Records
    ) throws -> (places: [CataloguePosition], next: CataloguePosition?) {
        func candidates(_ visibility: Visibility, _ audience: CatalogueAudience) throws -> CatalogueCandidates {
            // One more than wanted tells whether a page follows.
            try records.candidates(
                filter,
                visibility,
                for: audience,
                after: after,
                limit: limit + 1,
                scanning: mostScanned
            )
        }
        var lists = [try candidates(.public, .all)]
        if let audience { lists.append(try candidates(.private, audience)) }
        // Behind the end of the shorter one something may be missing.
        let end = lists.compactMap(\.end).max()
        let found = lists.flatMap(\.found).filter { place in end.map { place >= $0 } ?? true }.sorted(by: >)
        guard found.count > limit else { return (found, end) }
        return (Array(found.prefix(limit)), found[limit - 1])
    }

    /// Asks without the facts that need queries first: they cannot turn a yes into a no.
    static func isReadable(_ repository: RepositoryRecord, by actor: Actor, in records: Records) throws -> Bool {
        let facts = RepositoryFacts(
            id: repository.id,
            namespaceID: repository.namespaceID,
            visibility: repository.visibility,
            isGated: repository.gate != .open,
            isDisabled: repository.isDisabled
        )
        if AccessPolicy.decide(actor, .readRepository, on: .repository(facts)) == .allow { return true }
        let known = try records.facts(of: repository, for: actor)
        return AccessPolicy.decide(actor, .readRepository, on: .repository(known)) == .allow
    }
}

extension Catalogue {
    /// Entries of a page with files, at most.
    package static let largestFullPage = 100
    /// Files of one page; the entry with which there are more is the last.
    private static let mostFiles = 50_000

    private func addingFiles(to page: CataloguePage, _ order: CatalogueOrder) async throws -> CataloguePage {
        var (page, left) = (page, Self.mostFiles)
        for (index, entry) in page.entries.enumerated() {
            try Task.checkCancellation()
            let id = entry.repository.id
            // One that is deleted or emptied meanwhile has no files.
            guard let scene = try await files.scene(of: id), scene.refs.head != nil else { continue }
            let found = try await files.files(scene, revision: nil).files
            page.files[id] = found
            left -= found.count
            if left < 0 {
                page.end(with: index, order)
                break
            }
        }
        return page
    }
}
