import Access
import Metadata

extension MetadataStorePromise {
    static let refs = [
        MetadataStorePromise("a ref changes only from the value it is said to have") { store in
            let id = try await Scene(in: store).open.id
            let (one, two, three) = (Sample.oid(1), Sample.oid(2), Sample.oid(3))
            /// old, new, whether it succeeds, what the ref is afterwards
            let steps: [(String?, String?, Bool, String?)] = [
                (one, two, false, nil), (one, nil, false, nil), (nil, nil, true, nil), (nil, one, true, one),
                (nil, two, false, one), (nil, nil, false, one), (two, three, false, one), (one, two, true, two),
                (two, two, true, two), (one, nil, false, two), (two, nil, true, nil), (nil, three, true, three),
            ]
            for (old, new, succeeds, after) in steps {
                let done = try await store.transaction { records in
                    try records.updateRef(repositoryID: id, name: "refs/heads/main", old: old, new: new, peeled: nil)
                }
                try promise(done, is: succeeds)
                let ref = try await store.read { try $0.ref(repositoryID: id, name: "refs/heads/main") }
                try promise(ref?.oid, is: after)
            }
        },
        MetadataStorePromise("refs are listed by the bytes of their names, with what tags point to") { store in
            let id = try await Scene(in: store).open.id
            let names = [
                "refs/heads/B", "refs/heads/a", "refs/heads/a-b", "refs/heads/a.b", "refs/heads/\u{E9}", "refs/tags/v1",
            ]
            let expected = names.enumerated().map { position, name in
                RefRecord(name: name, oid: Sample.oid(position), peeled: name == "refs/tags/v1" ? Sample.oid(99) : nil)
            }
            try await store.transaction { records in
                for ref in expected.reversed() {
                    let done = try records.updateRef(
                        repositoryID: id,
                        name: ref.name,
                        old: nil,
                        new: ref.oid,
                        peeled: ref.peeled
                    )
                    try promise(done, is: true)
                }
                try promise(try records.refs(repositoryID: id), is: expected)
                try promise(try records.refCount(repositoryID: id), is: expected.count)
                try promise(try records.ref(repositoryID: id, name: "refs/tags/v1"), is: expected[5])
                _ = try records.updateRef(
                    repositoryID: id,
                    name: "refs/tags/v1",
                    old: Sample.oid(5),
                    new: Sample.oid(6),
                    peeled: nil
                )
                try promise(try records.ref(repositoryID: id, name: "refs/tags/v1")?.peeled, is: nil)
            }
        },
        MetadataStorePromise("names that look alike are different refs") { store in
            let id = try await Scene(in: store).open.id
            let (composed, decomposed) = ("refs/heads/\u{E9}", "refs/heads/e\u{301}")
            try await store.transaction { records in
                for (name, oid) in [
                    (composed, Sample.oid(1)), (decomposed, Sample.oid(2)), ("refs/heads/E", Sample.oid(3)),
                ] {
                    let done = try records.updateRef(repositoryID: id, name: name, old: nil, new: oid, peeled: nil)
                    try promise(done, is: true)
                }
                try promise(try records.ref(repositoryID: id, name: composed)?.oid, is: Sample.oid(1))
                try promise(try records.ref(repositoryID: id, name: decomposed)?.oid, is: Sample.oid(2))
                try promise(try records.refCount(repositoryID: id), is: 3)
            }
        },
        MetadataStorePromise("a generation counts up, and reachability is lost once") { store in
            let id = try await Scene(in: store).open.id
            let later = Sample.time.adding(seconds: 9)
            for (generation, reachable, expected) in [(1, true, true), (2, false, false), (3, true, false)] {
                let bumped = try await store.transaction { records in
                    try records.bumpGeneration(repositoryID: id, at: later, everyObjectReachable: reachable)
                }
                try promise(bumped, is: Int64(generation))
                let repository = try present(try await store.read { try $0.repository(id: id) })
                try promise(repository.generation, is: Int64(generation))
                try promise(repository.everyObjectReachable, is: expected)
                try promise(repository.updatedAt, is: later)
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction { records in
                    try records.bumpGeneration(
                        repositoryID: try Sample.id(99),
                        at: later,
                        everyObjectReachable: true
                    )
                }
            }
        },
        MetadataStorePromise("refs belong to a repository") { store in
            try await promiseFailure(isConflict) {
                try await store.transaction { records in
                    try records.updateRef(
                        repositoryID: try Sample.id(99),
                        name: "refs/heads/main",
                        old: nil,
                        new: Sample.oid(1),
                        peeled: nil
                    )
                }
            }
        },
    ]

    static let races = [
        MetadataStorePromise("of eight tasks that create or move a ref, one wins each time") { store in
            let id = try await Scene(in: store).open.id
            try await race(through: [store], repositoryID: id)
        },
        MetadataStorePromise(onSeveral: "the same holds for tasks of two processes") { database in
            try await database.withStore { first in
                let id = try await Scene(in: first).open.id
                try await database.withStore { second in
                    try await race(through: [first, second], repositoryID: id)
                }
            }
        },
    ]
}

/// Lets eight tasks at once move one ref from the value they all saw, twenty times over.
private func race(through stores: [MetadataStore], repositoryID: RecordID) async throws {
    var tip: String?
    for round in 0..<20 {
        let old = tip
        let winners = try await withThrowingTaskGroup(of: String?.self) { group in
            for racer in 0..<8 {
                let new = Sample.oid(1 + round * 8 + racer)
                let store = stores[racer % stores.count]
                group.addTask {
                    let won = try await store.transaction { records in
                        try records.updateRef(
                            repositoryID: repositoryID,
                            name: "refs/heads/main",
                            old: old,
                            new: new,
                            peeled: nil
                        )
                    }
                    return won ? new : nil
                }
            }
            return try await group.reduce(into: [String]()) { winners, winner in winners += winner.map { [$0] } ?? [] }
        }
        try promise(winners.count, is: 1)
        tip = try await stores[0].read { try $0.ref(repositoryID: repositoryID, name: "refs/heads/main")?.oid }
        try promise(tip, is: winners[0])
    }
}
