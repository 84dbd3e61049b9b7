import Access
import Metadata
import Synchronization

/// Public models of one user, to be found.
final class Shelf: Sendable {
    static let card = CardRecord(commit: Sample.oid(1), committedAt: Sample.time, tags: "[]")

    let ada: UserRecord
    private let store: MetadataStore
    private let state = Mutex<[String: Book]>([:])

    /// What the test knows of a repository, to find it by looking at all.
    private struct Book {
        var record: RepositoryRecord
        var tags: Set<String> = []
        var downloads: Int64 = 0
    }

    init(in store: MetadataStore) async throws {
        self.store = store
        let ada = try Sample.user(1, "ada")
        self.ada = ada
        try await store.transaction { try $0.insertUser(ada) }
    }

    var ids: [String: RecordID] { state.withLock { $0.mapValues(\.record.id) } }

    func add(_ names: String...) async throws {
        for name in names { try await add(name, visibility: .public) }
    }

    private func add(_ name: String, visibility: Visibility) async throws {
        let number = UInt16(state.withLock { $0.count } + 10)
        let record = try Sample.repository(number, name, of: ada, visibility: visibility)
        try await store.transaction { try $0.insertRepository(record) }
        state.withLock { $0[name] = Book(record: record) }
    }

    func tag(_ name: String, _ tags: Set<String>) async throws {
        let id = try present(ids[name])
        _ = try await store.transaction {
            try $0.setCard(repositoryID: id, type: .model, Self.card, foundBy: tags)
        }
        state.withLock { $0[name]?.tags = tags }
    }

    /// The names that one page has.
    func found(
        terms: [String] = [],
        tags: [String] = [],
        order: CatalogueOrder = .created
    ) async throws -> [String] {
        let filter = CatalogueFilter(type: .model, order: order, terms: terms, tags: tags)
        return try await store.read { records in
            let page = try records.candidates(filter, .public, for: .all, after: nil, limit: 50, scanning: 500)
            return try page.found.compactMap { try records.repository(id: $0.id)?.name }
        }
    }

    /// Downloads, all downloads, likes, and the trend of a repository.
    func counts(_ name: String) async throws -> [Int64] {
        let id = try present(ids[name])
        let entry = try present(try await store.read { try $0.catalogueEntries([id], hasDetails: false).first })
        return [entry.counts.downloads, entry.counts.downloadsAllTime, entry.counts.likes, entry.counts.trend]
    }

    /// Makes many repositories, some private, with tags that many, some and few of them have.
    func fill(_ count: Int) async throws {
        var random = SeededRandom(8)
        var books: [Book] = []
        for number in 0..<count {
            let name = "model-\(number % 7 == 0 ? "rare" : "some")-\(number)"
            let visibility: Visibility = random.isOne(in: 3) ? .private : .public
            var book = Book(record: try Sample.repository(UInt16(number + 10), name, of: ada, visibility: visibility))
            book.tags = Set([("many", 10), ("third", 3), ("few", 100)].filter { random.isOne(in: $0.1) }.map(\.0))
            // Nine in ten have it.
            if book.tags.remove("many") == nil { book.tags.insert("many") }
            // Most have none, so that ids decide.
            if random.isOne(in: 4) { book.downloads = Int64(random.number(below: 5)) }
            books.append(book)
        }
        let all = books
        try await store.transaction { records in
            for book in all {
                let id = book.record.id
                try records.insertRepository(book.record)
                if !book.tags.isEmpty {
                    try records.setCard(repositoryID: id, type: .model, Self.card, foundBy: book.tags)
                }
                if book.downloads > 0 { try records.addDownloads(repositoryID: id, book.downloads, day: 1) { $0 } }
            }
        }
        state.withLock { state in
            for book in all { state[book.record.name] = book }
        }
    }

    /// Walks along a list with random conditions and pages, and compares it with what looking at everything finds.
    func walk(_ random: inout SeededRandom) async throws {
        var filter = CatalogueFilter(type: .model, order: random.isOne(in: 2) ? .downloads : .created)
        for tag in ["many", "third", "few"] where random.isOne(in: 3) { filter.tags.append(tag) }
        for term in ["rare", "some", "l-", "-1", "ada/", "1"] where random.isOne(in: 6) { filter.terms.append(term) }
        if random.isOne(in: 4) { filter.namespaceID = ada.id }
        let visibility: Visibility = random.isOne(in: 2) ? .public : .private
        let audience: CatalogueAudience = random.isOne(in: 2) ? .all : .user(ada.id)
        let limit = [60, 250, 1_000, 1_001][random.number(below: 4)]
        let scanning = [1, 100, 700, 5_000][random.number(below: 4)]
        var (found, after): ([RecordID], CataloguePosition?) = ([], nil)
        repeat {
            let (shown, place) = (filter, after)
            let page = try await store.read {
                try $0.candidates(shown, visibility, for: audience, after: place, limit: limit, scanning: scanning)
            }
            try promise(page.found.count <= limit, "a page has at most \(limit)")
            found += page.found.map(\.id)
            after = page.end
        } while after != nil
        try promise(found, is: expected(filter, visibility))
    }

    private func expected(_ filter: CatalogueFilter, _ visibility: Visibility) -> [RecordID] {
        let books = state.withLock { Array($0.values) }
        let fitting = books.filter { book in
            book.record.visibility == visibility && book.tags.isSuperset(of: filter.tags)
                && filter.terms.allSatisfy { book.record.address.id.contains($0) }
        }
        return fitting.map { CataloguePosition(key: filter.order == .downloads ? $0.downloads : 0, id: $0.record.id) }
            .sorted(by: >).map(\.id)
    }
}

extension SeededRandom {
    fileprivate mutating func number(below end: Int) -> Int { Int.random(in: 0..<end, using: &self) }

    fileprivate mutating func isOne(in count: Int) -> Bool { number(below: count) == 0 }
}
