import Access
import Metadata

extension MetadataStorePromise {
    static let moves = [
        MetadataStorePromise("a moved repository leaves a redirect") { store in
            let scene = try await Scene(in: store)
            let id = scene.open.id
            let later = Sample.time.adding(seconds: 1)
            try await store.transaction { records in
                try records.moveRepository(id: id, toNamespace: scene.lab.id, name: "Moved", at: later)
                let moved = try present(try records.repository(type: .model, namespace: "lab", name: "moved"))
                try promise(moved.id, is: id)
                try promise(moved.address.description, is: "model/lab/Moved")
                try promise(moved.updatedAt, is: later)
                try promise(try records.repository(type: .model, namespace: "ada", name: "open"), is: nil)
                try promise(try records.redirect(type: .model, namespace: "ADA", name: "OPEN"), is: id)
                try promise(try records.redirect(type: .dataset, namespace: "ada", name: "open"), is: nil)
                try promise(try records.redirect(type: .model, namespace: "lab", name: "moved"), is: nil)
            }
        },
        MetadataStorePromise("moving there and back leaves one redirect") { store in
            let scene = try await Scene(in: store)
            let id = scene.open.id
            try await store.transaction { records in
                try records.moveRepository(id: id, toNamespace: scene.ada.id, name: "other", at: Sample.time)
                try records.moveRepository(id: id, toNamespace: scene.ada.id, name: "open", at: Sample.time)
                try promise(try records.redirect(type: .model, namespace: "ada", name: "open"), is: nil)
                try promise(try records.redirect(type: .model, namespace: "ada", name: "other"), is: id)
            }
        },
        MetadataStorePromise("a change of case is a move without a redirect") { store in
            let scene = try await Scene(in: store)
            try await store.transaction { records in
                try records.moveRepository(id: scene.open.id, toNamespace: scene.ada.id, name: "OPEN", at: Sample.time)
                try promise(try records.repository(id: scene.open.id)?.name, is: "OPEN")
                try promise(try records.redirect(type: .model, namespace: "ada", name: "open"), is: nil)
            }
        },
        MetadataStorePromise("a new repository takes the place of a redirect") { store in
            let scene = try await Scene(in: store)
            try await store.transaction { records in
                try records.moveRepository(id: scene.open.id, toNamespace: scene.ada.id, name: "other", at: Sample.time)
                try records.insertRepository(try Sample.repository(20, "Open", of: scene.ada))
                try promise(try records.redirect(type: .model, namespace: "ada", name: "open"), is: nil)
            }
        },
        MetadataStorePromise("a repository cannot move onto another, or out of nowhere") { store in
            let scene = try await Scene(in: store)
            try await promiseFailure(isConflict) {
                try await store.transaction { records in
                    try records.moveRepository(
                        id: scene.open.id,
                        toNamespace: scene.ada.id,
                        name: "Hidden",
                        at: Sample.time
                    )
                }
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction { records in
                    try records.moveRepository(id: scene.ada.id, toNamespace: scene.ada.id, name: "x", at: Sample.time)
                }
            }
            try promise(try await store.read { try $0.repository(id: scene.open.id) }, is: scene.open)
        },
        MetadataStorePromise("redirects go with their repository") { store in
            let scene = try await Scene(in: store)
            try await store.transaction { records in
                try records.moveRepository(id: scene.open.id, toNamespace: scene.ada.id, name: "other", at: Sample.time)
                try records.deleteRepository(id: scene.open.id)
                try promise(try records.redirect(type: .model, namespace: "ada", name: "open"), is: nil)
            }
        },
    ]

    static let permissions = [
        MetadataStorePromise("a grant is given, changed and taken away") { store in
            let scene = try await Scene(in: store)
            let (shared, bob, eve) = (scene.shared.id, scene.bob, scene.eve)
            try await store.transaction { records in
                try promise(try records.grant(repositoryID: shared, userID: bob.id), is: .read)
                try records.setGrant(repositoryID: shared, userID: bob.id, role: .admin)
                try records.setGrant(repositoryID: shared, userID: eve.id, role: .write)
                try promise(
                    try records.grants(repositoryID: shared),
                    is: [
                        GrantRecord(repositoryID: shared, userID: bob.id, userName: "bob", role: .admin),
                        GrantRecord(repositoryID: shared, userID: eve.id, userName: "eve", role: .write),
                    ]
                )
                try records.setGrant(repositoryID: shared, userID: bob.id, role: nil)
                try records.setGrant(repositoryID: shared, userID: bob.id, role: nil)
                try promise(try records.grant(repositoryID: shared, userID: bob.id), is: nil)
            }
            try await promiseFailure(isConflict) {
                try await store.transaction { try $0.setGrant(repositoryID: eve.id, userID: eve.id, role: .read) }
            }
        },
        MetadataStorePromise("a protection is set, replaced and removed") { store in
            let scene = try await Scene(in: store)
            let id = scene.open.id
            let first = ProtectedRefRecord(repositoryID: id, pattern: "refs/heads/main", pushRole: .write)
            let second = ProtectedRefRecord(
                repositoryID: id,
                pattern: "refs/heads/main",
                pushRole: .admin,
                forcePushRole: .admin,
                deleteRole: .write
            )
            let tags = ProtectedRefRecord(repositoryID: id, pattern: "refs/tags/*", pushRole: .read)
            try await store.transaction { records in
                try records.setProtectedRef(tags)
                try records.setProtectedRef(first)
                try promise(try records.protectedRefs(repositoryID: id), is: [first, tags])
                try records.setProtectedRef(second)
                try promise(try records.protectedRefs(repositoryID: id), is: [second, tags])
                try promise(try records.deleteProtectedRef(repositoryID: id, pattern: "refs/tags/*"), is: true)
                try promise(try records.deleteProtectedRef(repositoryID: id, pattern: "refs/tags/*"), is: false)
                try promise(try records.protectedRefs(repositoryID: id), is: [second])
            }
        },
    ]
}
