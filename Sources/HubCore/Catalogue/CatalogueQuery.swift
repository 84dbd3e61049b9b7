package import Access
package import Metadata

/// Which repositories somebody looks for.
package struct CatalogueQuery: Sendable {
    /// Their type.
    package var type: RepositoryType
    /// Parts of "namespace/name", in any case; all must be there.
    package var search: [String] = []
    /// The namespace, in any case.
    package var author: String?
    /// Tags; all must be there.
    ///
    /// Terms of the index count as tags.
    package var tags: [String] = []
    /// With a gate, or without one.
    package var isGated: Bool?
    /// How many parameters the weights have.
    package var parameters: ClosedRange<Int64>?
    /// What comes first.
    package var order = CatalogueOrder.trend
    /// The last place of the page before; nil for the first page.
    package var after: CataloguePosition?
    /// How many at most; 1 through 1,000.
    package var limit = 1_000

    /// All repositories of a type.
    package init(type: RepositoryType) {
        self.type = type
    }
}

extension CatalogueQuery {
    /// The conditions as the database knows them; nil when nothing can fit.
    ///
    /// - Throws: `HubError.invalid` for more conditions than are looked for at once.
    func filter(in records: Records) throws -> CatalogueFilter? {
        let terms = Set(search.map(foldedName).filter { !$0.isEmpty }).sorted()
        guard terms.count <= CatalogueFilter.mostTerms else {
            throw HubError.invalid("At most \(CatalogueFilter.mostTerms) words are searched for at once.")
        }
        let tags = Set(tags).sorted()
        guard tags.count <= CatalogueFilter.mostTags else {
            throw HubError.invalid("At most \(CatalogueFilter.mostTags) tags are asked for at once.")
        }
        guard terms.allSatisfy(Self.canBePart), tags.allSatisfy(Self.canBeTag) else { return nil }
        var filter = CatalogueFilter(type: type, order: order, terms: terms, tags: tags)
        (filter.isGated, filter.parameters) = (isGated, parameters)
        guard let author else { return filter }
        filter.namespaceID = try records.namespace(byName: author)?.id
        return filter.namespaceID == nil ? nil : filter
    }

    /// Whether a text may be part of "namespace/name": what has other characters is in no name.
    private static func canBePart(_ term: String) -> Bool {
        term.utf8.count <= 200
            && term.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                    UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    private static func canBeTag(_ tag: String) -> Bool {
        !tag.isEmpty && tag.utf8.count <= 2 * CardTags.longest && !tag.utf8.contains { $0 < 0x20 }
    }
}

/// How much a list tells of each repository.
package enum CatalogueDetail: Sendable, Equatable {
    /// What stands in its row.
    case brief
    /// With the metadata of its card and what else files say.
    case cards
    /// With its files as well.
    case files
}

/// A page of a list.
package struct CataloguePage: Sendable {
    /// Repositories in the order of the list; fewer than were asked for also where more follow.
    package var entries: [CatalogueEntry] = []
    /// The files of the repositories, by their ids, where they were asked for.
    package var files: [RecordID: [FileEntry]] = [:]
    /// The last place that was looked at; nil when nothing follows.
    package var next: CataloguePosition?

    /// Ends the page with an entry; what follows it is on the next one.
    mutating func end(with index: Int, _ order: CatalogueOrder) {
        guard index < entries.count - 1 else { return }
        entries.removeLast(entries.count - 1 - index)
        next = entries.last?.place(in: order)
    }
}

extension CatalogueEntry {
    /// Where it stands in a list.
    fileprivate func place(in order: CatalogueOrder) -> CataloguePosition {
        let key =
            switch order {
            case .trend: counts.trend
            case .downloads: counts.downloads
            case .likes: counts.likes
            case .updated: repository.updatedAt.microseconds
            case .created: repository.createdAt.microseconds
            }
        return CataloguePosition(key: key, id: repository.id)
    }
}
