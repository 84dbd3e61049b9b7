import GranaryTesting
import Metadata
import MetadataSQLite
import Testing

/// The two bulk paths of a push and an advertisement.
///
/// The bounds are loose, for busy machines; the times are printed.
@Suite(.serialized) struct MetadataSpeedTests {
    @Test func makesManyRefsInOneTransaction() async throws {
        try await withDatabaseFile { path in
            let store = MetadataStore(driver: try SQLiteDriver(path: path))
            try await store.migrate()
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
            try await store.close()
            print(
                "20 000 refs made in \(creation), moved in \(move); 50 000 read in \(reading), deleted in \(deletion)"
            )
            #expect(count == 50_000)
            #expect(creation < .seconds(10))
            #expect(move < .seconds(10))
            #expect(reading < .seconds(2))
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
