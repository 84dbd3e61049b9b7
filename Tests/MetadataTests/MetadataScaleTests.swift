import Access
import GranaryTesting
import Metadata
import Testing

/// The two bulk paths of a push and an advertisement, and lists of many repositories.
///
/// What it costs is printed and measured by `scripts/bench hub`; the time limit is for what would never end.
@Suite(.serialized, .timeLimit(.minutes(2))) struct MetadataScaleTests {
    @Test(arguments: TestDatabase.all)
    func makesManyRefsInOneTransaction(_ database: TestDatabase) async throws {
        try await database.withStore { store in
            let ada = try Sample.user(1, "ada")
            let tiny = try Sample.repository(2, "tiny", of: ada)
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertRepository(tiny)
            }
            let creation = try await ContinuousClock().measure {
                try await update(0..<20_000, in: store, of: tiny, from: nil, to: Sample.oid(1))
            }
            let move = try await ContinuousClock().measure {
                try await update(0..<20_000, in: store, of: tiny, from: Sample.oid(1), to: Sample.oid(2))
            }
            try await update(20_000..<50_000, in: store, of: tiny, from: nil, to: Sample.oid(1))
            var count = 0
            let reading = try await ContinuousClock().measure {
                count = try await store.read { try $0.refs(repositoryID: tiny.id) }.count
            }
            let deletion = try await ContinuousClock().measure {
                try await store.transaction { try $0.deleteRepository(id: tiny.id) }
            }
            print(
                "\(database): 20 000 refs made in \(creation), moved in \(move); 50 000 read in \(reading), deleted in \(deletion)"
            )
            #expect(count == 50_000)
        }
    }

    /// Few among many are found within a bounded look at the many.
    @Test(arguments: TestDatabase.all)
    func findsFewAmongManyRepositories(_ database: TestDatabase) async throws {
        try await database.withStore { store in
            let ada = try Sample.user(1, "ada")
            try await store.transaction { records in
                try records.insertUser(ada)
                for number in UInt16(10)..<20_000 {
                    let name = "model-\(number)"
                    let model = try Sample.repository(number, name, of: ada, visibility: .public)
                    try records.insertRepository(model)
                    let tags: Set<String> = number % 200 == 0 ? ["many", "few"] : ["many"]
                    try records.setCard(
                        repositoryID: model.id,
                        type: .model,
                        CardRecord(commit: Sample.oid(1), committedAt: Sample.time, tags: "[]"),
                        foundBy: tags
                    )
                }
            }
            let filters = [
                CatalogueFilter(type: .model), CatalogueFilter(type: .model, tags: ["few"]),
                CatalogueFilter(type: .model, tags: ["few", "many"]), CatalogueFilter(type: .model, tags: ["many"]),
                CatalogueFilter(type: .model, terms: ["-199"]), CatalogueFilter(type: .model, terms: ["model"]),
            ]
            for filter in filters {
                var count = 0
                let time = try await ContinuousClock().measure {
                    count = try await store.read { records in
                        try records.candidates(filter, .public, for: .all, after: nil, limit: 50, scanning: 3_000)
                            .found.count
                    }
                }
                print("\(database): \(count) of 20 000 repositories by \(filter.tags + filter.terms) in \(time)")
                #expect(count == 50)
            }
        }
    }

    private func update(
        _ numbers: Range<Int>,
        in store: MetadataStore,
        of repository: RepositoryRecord,
        from old: String?,
        to new: String
    ) async throws {
        let moved = try await store.transaction { records in
            try numbers.count { number in
                try records.updateRef(
                    repositoryID: repository.id,
                    name: "refs/heads/topic/branch-\(number)",
                    old: old,
                    new: new,
                    peeled: nil
                )
            }
        }
        #expect(moved == numbers.count)
    }
}
