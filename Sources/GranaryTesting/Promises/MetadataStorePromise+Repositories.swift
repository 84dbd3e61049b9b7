import Access
import Metadata

extension MetadataStorePromise {
    static let repositories = [
        MetadataStorePromise("a repository is found by id and by address in any case") { store in
            let ada = try Sample.user(1, "Ada")
            var tiny = try Sample.repository(2, "Tiny", of: ada, type: .dataset, visibility: .public)
            tiny.headTarget = "refs/heads/trunk"
            tiny.generation = 7
            tiny.settings = RepositorySettings(denyNonFastForward: true, denyDeletes: false)
            tiny.everyObjectReachable = false
            try await store.transaction { [tiny] records in
                try records.insertUser(ada)
                try records.insertRepository(tiny)
            }
            try await store.read { [tiny] records in
                try promise(try records.repository(id: tiny.id), is: tiny)
                try promise(try records.repository(type: .dataset, namespace: "ADA", name: "tINY"), is: tiny)
                try promise(try records.repository(type: .model, namespace: "ada", name: "tiny"), is: nil)
                try promise(try records.repository(type: .dataset, namespace: "bob", name: "tiny"), is: nil)
                try promise(tiny.address.description, is: "dataset/Ada/Tiny")
            }
        },
        MetadataStorePromise("a repository's name is taken in every case, in its namespace and type") { store in
            let (ada, bob) = (try Sample.user(1, "ada"), try Sample.user(2, "bob"))
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertUser(bob)
                try records.insertRepository(try Sample.repository(3, "tiny", of: ada))
                try records.insertRepository(try Sample.repository(4, "tiny", of: ada, type: .space))
                try records.insertRepository(try Sample.repository(5, "tiny", of: bob))
            }
            try await promiseFailure(isConflict) {
                try await store.transaction { try $0.insertRepository(try Sample.repository(6, "TINY", of: ada)) }
            }
            try await promiseFailure(isConflict) {
                let stranger = try Sample.user(9, "eve")
                try await store.transaction { try $0.insertRepository(try Sample.repository(6, "tiny", of: stranger)) }
            }
        },
        MetadataStorePromise("a listing shows what its filter lets through, page by page") { store in
            let scene = try await Scene(in: store)
            let cases: [(RepositoryFilter, [String])] = [
                (RepositoryFilter(publicOnly: false), ["open", "hidden", "shared", "lab-open", "lab-hidden"]),
                (RepositoryFilter(publicOnly: true), ["open", "lab-open"]),
                (
                    RepositoryFilter(visibleTo: scene.ada.id, publicOnly: false),
                    ["open", "hidden", "shared", "lab-open"]
                ),
                (
                    RepositoryFilter(visibleTo: scene.bob.id, publicOnly: false),
                    ["open", "shared", "lab-open", "lab-hidden"]
                ),
                (RepositoryFilter(visibleTo: scene.eve.id, publicOnly: false), ["open", "lab-open"]),
                (RepositoryFilter(visibleTo: scene.ada.id, publicOnly: true), ["open", "lab-open"]),
                (RepositoryFilter(namespaceID: scene.lab.id, publicOnly: false), ["lab-open", "lab-hidden"]),
                (RepositoryFilter(namespaceID: scene.lab.id, visibleTo: scene.eve.id, publicOnly: false), ["lab-open"]),
                (RepositoryFilter(type: .dataset, publicOnly: false), ["shared"]),
                (RepositoryFilter(type: .dataset, visibleTo: scene.eve.id, publicOnly: false), []),
            ]
            try await store.read { records in
                for (filter, names) in cases {
                    let whole = try records.repositories(filter, after: nil, limit: 100)
                    try promise(whole.map(\.name), is: names)
                    var paged: [String] = []
                    var last: RecordID?
                    while let next = try records.repositories(filter, after: last, limit: 1).first {
                        paged.append(next.name)
                        last = next.id
                    }
                    try promise(paged, is: names)
                }
                try promise(
                    try records.repositories(RepositoryFilter(publicOnly: false), after: nil, limit: -5).count,
                    is: 1
                )
            }
        },
        MetadataStorePromise("a repository can be changed") { store in
            let ada = try Sample.user(1, "ada")
            let tiny = try Sample.repository(2, "tiny", of: ada)
            let settings = RepositorySettings(denyNonFastForward: true, denyDeletes: true)
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertRepository(tiny)
                try records.setVisibility(repositoryID: tiny.id, .public)
                try records.setSettings(repositoryID: tiny.id, settings)
                try records.setHead(repositoryID: tiny.id, target: "refs/heads/trunk")
                let changed = try present(try records.repository(id: tiny.id))
                try promise(changed.visibility, is: .public)
                try promise(changed.settings, is: settings)
                try promise(changed.headTarget, is: "refs/heads/trunk")
                try promise(changed.generation > tiny.generation, "another HEAD is another generation")
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction { try $0.setHead(repositoryID: ada.id, target: "refs/heads/main") }
            }
        },
        MetadataStorePromise("with a repository goes all that hangs on it, and nothing else") { store in
            let scene = try await Scene(in: store)
            let (shared, open) = (scene.shared.id, scene.open.id)
            try await store.transaction { records in
                for repository in [shared, open] {
                    _ = try records.updateRef(
                        repositoryID: repository,
                        name: "refs/heads/main",
                        old: nil,
                        new: Sample.oid(1),
                        peeled: nil
                    )
                    try records.setProtectedRef(
                        ProtectedRefRecord(repositoryID: repository, pattern: "refs/heads/*", pushRole: .admin)
                    )
                }
                try records.deleteRepository(id: shared)
                try promise(try records.repository(id: shared), is: nil)
                try promise(try records.refCount(repositoryID: shared), is: 0)
                try promise(try records.grants(repositoryID: shared), is: [])
                try promise(try records.protectedRefs(repositoryID: shared), is: [])
                try promise(try records.refCount(repositoryID: open), is: 1)
                try promise(try records.protectedRefs(repositoryID: open).count, is: 1)
            }
            try await promiseFailure(isNotFound) { try await store.transaction { try $0.deleteRepository(id: shared) } }
        },
    ]
}

/// Users, an organisation and repositories with every reason to be seen or not.
struct Scene: Sendable {
    let ada: UserRecord
    let bob: UserRecord
    let eve: UserRecord
    let lab: NamespaceRecord
    let open: RepositoryRecord
    let shared: RepositoryRecord

    /// Writes the scene: ada owns `open`, `hidden` and `shared` (granted to bob); bob is in `lab`.
    init(in store: MetadataStore) async throws {
        ada = try Sample.user(1, "ada")
        bob = try Sample.user(2, "bob")
        eve = try Sample.user(3, "eve")
        lab = try Sample.organization(4, "lab")
        open = try Sample.repository(10, "open", of: ada, visibility: .public)
        shared = try Sample.repository(12, "shared", of: ada, type: .dataset)
        let labUser = UserRecord(id: lab.id, name: lab.name, createdAt: lab.createdAt)
        let others = [
            try Sample.repository(11, "hidden", of: ada),
            try Sample.repository(13, "lab-open", of: labUser, visibility: .public),
            try Sample.repository(14, "lab-hidden", of: labUser),
        ]
        try await store.transaction { [self] records in
            for user in [ada, bob, eve] { try records.insertUser(user) }
            try records.insertOrganization(lab)
            for repository in [open, shared] + others { try records.insertRepository(repository) }
            try records.setMembership(organizationID: lab.id, userID: bob.id, role: .read)
            try records.setGrant(repositoryID: shared.id, userID: bob.id, role: .read)
        }
    }
}
