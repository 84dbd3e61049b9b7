import Access
import Metadata

extension MetadataStorePromise {
    static let keys = [
        MetadataStorePromise("a key is found by its fingerprint and belongs to one owner") { store in
            let (ada, bob) = (try Sample.user(1, "ada"), try Sample.user(2, "bob"))
            let key = try Sample.key(3, of: ada)
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertUser(bob)
                try records.insertRepository(try Sample.repository(6, "tiny", of: ada))
                try records.insertKey(key)
                try records.insertKey(try Sample.key(4, of: ada))
            }
            for owner in [KeyRecord.Owner.user(bob.id), .repository(try Sample.id(6), role: .read)] {
                var same = try Sample.key(3, owner)
                same.id = try Sample.id(5)
                try await promiseFailure(isConflict) { [same] in
                    try await store.transaction { try $0.insertKey(same) }
                }
            }
            try await store.transaction { records in
                try promise(try records.key(fingerprint: key.fingerprint), is: key)
                try promise(try records.key(id: key.id), is: key)
                try promise(try records.key(id: ada.id), is: nil)
                try promise(try records.keys(userID: ada.id).count, is: 2)
                try promise(try records.keys(userID: bob.id), is: [])
                try promise(try records.deleteKey(id: key.id), is: true)
                try promise(try records.deleteKey(id: key.id), is: false)
                try promise(try records.key(fingerprint: key.fingerprint), is: nil)
            }
        },
        MetadataStorePromise("repositories and organisations have keys with roles") { store in
            let (ada, lab) = (try Sample.user(1, "ada"), try Sample.organization(2, "lab"))
            let tiny = try Sample.repository(3, "tiny", of: ada)
            let users = try Sample.key(4, of: ada)
            let deploy = try Sample.key(5, .repository(tiny.id, role: .read))
            let builder = try Sample.key(6, .organization(lab.id, role: .write))
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertOrganization(lab)
                try records.insertRepository(tiny)
                for key in [builder, deploy, users] { try records.insertKey(key) }
            }
            try await store.read { records in
                try promise(try records.keys(), is: [users, deploy, builder])
                try promise(try records.keys(userID: ada.id), is: [users])
                try promise(try records.keys(repositoryID: tiny.id), is: [deploy])
                try promise(try records.keys(organizationID: lab.id), is: [builder])
                try promise(try records.keys(repositoryID: ada.id), is: [])
                try promise(try records.key(fingerprint: builder.fingerprint)?.owner.role, is: .write)
            }
        },
        MetadataStorePromise("a key has an owner that exists, and is never an administrator's") { store in
            let ada = try Sample.user(1, "ada")
            let tiny = try Sample.repository(2, "tiny", of: ada)
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertRepository(tiny)
            }
            let nobody = try Sample.id(9)
            for owner in [
                KeyRecord.Owner.user(nobody), .repository(nobody, role: .read), .repository(tiny.id, role: .admin),
            ] {
                try await promiseFailure(isConflict) {
                    try await store.transaction { try $0.insertKey(try Sample.key(3, owner)) }
                }
            }
            for organization in [nobody, ada.id] {
                try await promiseFailure(isNotFound) {
                    try await store.transaction {
                        try $0.insertKey(try Sample.key(3, .organization(organization, role: .read)))
                    }
                }
            }
            try promise(try await store.read { try $0.keys() }, is: [])
        },
        MetadataStorePromise("a deploy key goes with its repository, and stays when that moves") { store in
            let (ada, lab) = (try Sample.user(1, "ada"), try Sample.organization(2, "lab"))
            let tiny = try Sample.repository(3, "tiny", of: ada)
            let key = try Sample.key(4, .repository(tiny.id, role: .write))
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertOrganization(lab)
                try records.insertRepository(tiny)
                try records.insertKey(key)
                try records.moveRepository(id: tiny.id, toNamespace: lab.id, name: "small", at: Sample.time)
                try promise(try records.keys(repositoryID: tiny.id), is: [key])
                try records.deleteRepository(id: tiny.id)
                try promise(try records.key(fingerprint: key.fingerprint), is: nil)
            }
        },
        MetadataStorePromise("the use of a key is noted once a minute") { store in
            let ada = try Sample.user(1, "ada")
            let key = try Sample.key(2, of: ada)
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertKey(key)
            }
            for (seconds, noted) in [(0, 0), (59, 0), (60, 60), (100, 60), (121, 121)] as [(Int64, Int64)] {
                let moment = Sample.time.adding(seconds: seconds)
                let before = try present(try await store.read { try $0.key(id: key.id) })
                try await store.transaction { try $0.touchKey(id: key.id, at: moment) }
                let after = try present(try await store.read { try $0.key(id: key.id) })
                try promise(after.lastUsedAt, is: Sample.time.adding(seconds: noted))
                try promise(before.needsTouch(at: moment), is: before != after)
            }
        },
    ]

    static let keyMigrations = [
        MetadataStorePromise(onSeveral: "keys of version 1 are users' keys in version 2") { database in
            let (ada, key) = (try Sample.user(1, "ada"), try Sample.key(2, of: try Sample.user(1, "ada")))
            try await database.withDriver { driver in
                try await driver.transaction { connection in
                    let first = Migration.all.filter { $0.version == 1 }
                    try Migrator(connection: connection, kind: driver.kind).migrate(to: first, at: nil)
                    try Records(connection: connection, kind: driver.kind).insertUser(ada)
                    _ = try connection.run(
                        """
                        INSERT INTO ssh_keys (id, user_id, title, algorithm, public_key, fingerprint, created_at)
                        VALUES ($1, $2, $3, $4, $5, $6, $7)
                        """,
                        [
                            .id(key.id), .id(ada.id), .text(key.title), .text(key.algorithm), .text(key.publicKey),
                            .text(key.fingerprint), .time(key.createdAt),
                        ]
                    )
                }
                let store = MetadataStore(driver: driver)
                try await store.migrate()
                try promise(try await store.read { try $0.keys() }, is: [key])
                try promise(try await store.read { try $0.key(fingerprint: key.fingerprint) }, is: key)
            }
        },
        MetadataStorePromise(onSeveral: "the database refuses a key of two owners, and one of none") { database in
            try await database.withStore { store in
                let ada = try Sample.user(1, "ada")
                try await store.transaction { records in
                    try records.insertUser(ada)
                    try records.insertRepository(try Sample.repository(2, "tiny", of: ada))
                }
            }
            let (ada, tiny) = (SQLValue.id(try Sample.id(1)), SQLValue.id(try Sample.id(2)))
            let (read, none) = (SQLValue.text("read"), SQLValue.null)
            let wrong = [
                [none, none, none, none], [none, none, none, read], [ada, none, none, read], [none, tiny, none, none],
                [ada, tiny, none, read], [none, tiny, ada, read], [none, tiny, none, .text("admin")],
            ]
            try await database.withDriver { driver in
                for owner in wrong {
                    try await promiseFailure(isConflict) {
                        try await driver.transaction { connection in
                            try connection.run(
                                """
                                INSERT INTO ssh_keys (id, title, algorithm, public_key, fingerprint, created_at,
                                    user_id, repository_id, organization_id, role)
                                VALUES ('1', 't', 'a', 'k', 'f', 0, $1, $2, $3, $4)
                                """,
                                owner
                            )
                        }
                    }
                }
            }
        },
    ]
}
