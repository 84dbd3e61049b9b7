import Access
import Metadata

extension MetadataStorePromise {
    static let catalogue = [
        MetadataStorePromise("parts of names are found as long as they are names") { store in
            let shelf = try await Shelf(in: store)
            try await shelf.add("Alpha_One", "alpha-two", "beta.alpha", "100-percent")
            try promise(try await shelf.found(terms: ["alpha"]), is: ["beta.alpha", "alpha-two", "Alpha_One"])
            try promise(try await shelf.found(terms: ["alpha_"]), is: ["Alpha_One"])
            try promise(try await shelf.found(terms: ["alpha", "two"]), is: ["alpha-two"])
            try promise(try await shelf.found(terms: ["ada/a"]), is: ["alpha-two", "Alpha_One"])
            try promise(try await shelf.found(terms: ["_"]), is: ["Alpha_One"])
            try promise(try await shelf.found(terms: ["ta"]), is: ["beta.alpha"])
            let hostile = [
                "%", "a%a", "\"", "\"\"\"", "alpha\"", "alp*", "alpha*", "near(alpha two)", "alpha or beta", "^alpha",
                "folded_id:alpha", "-alpha one", "'; drop table repositories; --", "\\", "alpha\\", "é",
            ]
            for term in hostile { try promise(try await shelf.found(terms: [term]), is: []) }
            let first = try present(shelf.ids["Alpha_One"])
            try await store.transaction {
                try $0.moveRepository(id: first, toNamespace: shelf.ada.id, name: "gamma", at: Sample.time)
            }
            try promise(try await shelf.found(terms: ["alpha_"]), is: [])
            try promise(try await shelf.found(terms: ["gamm"]), is: ["gamma"])
            try await store.transaction { try $0.deleteRepository(id: first) }
            try promise(try await shelf.found(terms: ["gamm"]), is: [])
        },
        MetadataStorePromise("a card is found by its tags, all of them, until they go") { store in
            let shelf = try await Shelf(in: store)
            try await shelf.add("one", "two")
            try await shelf.tag("one", ["x", "license:mit", "%"])
            try await shelf.tag("two", ["x"])
            try promise(try await shelf.found(tags: ["x"]), is: ["two", "one"])
            try promise(try await shelf.found(tags: ["x", "license:mit"]), is: ["one"])
            try promise(try await shelf.found(tags: ["x", "y"]), is: [])
            try promise(try await shelf.found(tags: ["%"]), is: ["one"])
            try promise(try await shelf.found(tags: ["license:%"]), is: [])
            try await shelf.tag("one", ["y"])
            try promise(try await shelf.found(tags: ["x"]), is: ["two"])
            try promise(try await shelf.found(tags: ["y"]), is: ["one"])
            let common = try await store.read {
                try $0.commonTags(type: .model, limit: 10).map { "\($0.tag) \($0.count)" }
            }
            try promise(common, is: ["x 1", "y 1"])
            let (one, two) = (try present(shelf.ids["one"]), try present(shelf.ids["two"]))
            try await store.transaction { records in
                try records.setVisibility(repositoryID: two, .private)
                try records.deleteCard(repositoryID: one, type: .model)
            }
            try promise(try await store.read { try $0.commonTags(type: .model, limit: 10).isEmpty }, is: true)
            try promise(try await shelf.found(tags: ["y"]), is: [])
            try await store.transaction { try $0.deleteRepository(id: one) }
            let gone = try await store.transaction {
                try $0.setCard(repositoryID: one, type: .model, Shelf.card, foundBy: ["y"])
            }
            try promise(gone, is: false)
        },
        MetadataStorePromise("downloads count until they are old, likes never fall below zero") { store in
            let shelf = try await Shelf(in: store)
            try await shelf.add("one", "two")
            let one = try present(shelf.ids["one"])
            try await store.transaction { records in
                _ = try records.addDownloads(repositoryID: one, 5, day: 100) { $0 + 1 }
                _ = try records.addDownloads(repositoryID: one, 2, day: 100) { $0 + 1 }
                _ = try records.addDownloads(repositoryID: one, 1, day: 101) { $0 + 1 }
                let nobody = try records.addDownloads(repositoryID: try Sample.id(999), 1, day: 101) { $0 }
                try promise(nobody, is: false)
                for difference in [Int64(-1), 2, -5, 1] {
                    _ = try records.changeLikes(repositoryID: one, by: difference) { $0 }
                }
            }
            try promise(try await shelf.counts("one"), is: [8, 8, 1, 3])
            let more = try await store.transaction { try $0.forgetDownloads(before: 101, limit: 1) }
            try promise(more, is: true)
            try promise(try await shelf.counts("one"), is: [1, 8, 1, 3])
            try promise(try await store.transaction { try $0.forgetDownloads(before: 101, limit: 1) }, is: false)
            try promise(try await shelf.found(order: .downloads), is: ["one", "two"])
        },
        MetadataStorePromise("private repositories are found for those who have a part in them") { store in
            let scene = try await Scene(in: store)
            let filter = CatalogueFilter(type: .model)
            let everybody: [(Visibility, CatalogueAudience)] = [
                (.public, .all), (.private, .all), (.private, .user(scene.ada.id)), (.private, .user(scene.bob.id)),
                (.private, .namespace(scene.lab.id)), (.private, .repository(scene.open.id)),
            ]
            for (visibility, audience) in everybody {
                let found = try await store.read { records in
                    let page = try records.candidates(
                        filter,
                        visibility,
                        for: audience,
                        after: nil,
                        limit: 100,
                        scanning: 100
                    )
                    return try page.found.compactMap { try records.repository(id: $0.id) }
                }
                let all = try await store.read {
                    try $0.repositories(.init(type: .model, publicOnly: false), after: nil, limit: 100)
                }
                var expected: [RepositoryRecord] = []
                for repository in all where repository.visibility == visibility {
                    let isShown = try await store.read { records in
                        switch audience {
                        case .all: true
                        case .namespace(let id): repository.namespaceID == id
                        case .repository(let id): repository.id == id
                        case .user(let id):
                            try repository.namespaceID == id
                                || records.membership(organizationID: repository.namespaceID, userID: id) != nil
                                || records.grant(repositoryID: repository.id, userID: id) != nil
                        }
                    }
                    if isShown { expected.append(repository) }
                }
                try promise(found.map(\.id), is: expected.map(\.id).sorted(by: >))
            }
        },
        MetadataStorePromise("lists are whole, in order, and without repetitions, however they are walked along") {
            store in
            let shelf = try await Shelf(in: store)
            try await shelf.fill(3_600)
            var random = SeededRandom(7)
            for _ in 0..<60 { try await shelf.walk(&random) }
        },
    ]
}
