package import Access
package import Metadata

extension MetadataStorePromise {
    static let locks = [
        MetadataStorePromise("of several who lock a path at once, one does") { store in
            let scene = try await Scene(in: store)
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in UInt16(0)..<8 {
                    let lock = try Sample.lock(200 + number, "a/b.bin", of: scene.open.id, owner: scene.ada)
                    group.addTask { try await store.transaction { try $0.insertLFSLock(lock) } }
                }
                return try await group.reduce(into: 0) { if $1 { $0 += 1 } }
            }
            try promise(winners, is: 1)
        },
        MetadataStorePromise("paths are locked by their bytes") { store in
            let scene = try await Scene(in: store)
            let paths = ["a", "A", "\u{E9}", "e\u{301}", "a/b"]
            try await store.transaction { records in
                for (index, path) in paths.enumerated() {
                    let lock = try Sample.lock(200 + UInt16(index), path, of: scene.open.id, owner: scene.ada)
                    try promise(try records.insertLFSLock(lock), is: true)
                }
                for (index, path) in paths.enumerated() {
                    let found = try records.lfsLock(repositoryID: scene.open.id, path: path)
                    try promise(found?.id, is: try Sample.id(200 + UInt16(index)))
                }
                try promise(try records.lfsLock(repositoryID: scene.shared.id, path: "a"), is: nil)
            }
        },
        MetadataStorePromise("locks are listed page by page, and a page's end may be unlocked meanwhile") { store in
            let scene = try await Scene(in: store)
            let locks = try (UInt16(0)..<5).map {
                try Sample.lock(200 + $0, "file-\($0)", of: scene.open.id, owner: $0 == 4 ? scene.bob : scene.ada)
            }
            try await store.transaction { records in
                for lock in locks.reversed() { try promise(try records.insertLFSLock(lock), is: true) }
                let id = scene.open.id
                try promise(try records.lfsLocks(repositoryID: id, after: nil, limit: 2), is: Array(locks[..<2]))
                try promise(try records.deleteLFSLock(id: locks[1].id), is: true)
                try promise(try records.deleteLFSLock(id: locks[1].id), is: false)
                try promise(
                    try records.lfsLocks(repositoryID: id, after: locks[1].id, limit: 9),
                    is: Array(locks[2...])
                )
                try promise(try records.lfsLockCount(repositoryID: id, by: nil), is: 4)
                try promise(try records.lfsLockCount(repositoryID: id, by: scene.bob.id), is: 1)
                func others(_ owner: RecordID?, _ last: RecordID?, _ limit: Int) throws -> [LFSLockRecord] {
                    try records.lfsLocks(repositoryID: id, except: owner, after: last, limit: limit)
                }
                try promise(try others(scene.ada.id, nil, 9), is: [locks[4]])
                try promise(try others(nil, nil, 2), is: [locks[0], locks[2]])
                try promise(try others(nil, locks[1].id, 2), is: [locks[2], locks[3]])
                func isLocked(_ full: String, _ short: String, _ owner: RecordID?) throws -> Bool {
                    try records.isLocked(repositoryID: id, refNames: (full, short), except: owner)
                }
                try promise(try isLocked("refs/heads/main", "main", scene.ada.id), is: true)
                try promise(try isLocked("x", "refs/heads/main", nil), is: true)
                try promise(try isLocked("refs/heads/other", "other", nil), is: false)
                try promise(try records.deleteLFSLock(id: locks[4].id), is: true)
                try promise(try isLocked("refs/heads/main", "main", scene.ada.id), is: false)
                try promise(try records.insertLFSLock(locks[4]), is: true)
                try promise(try records.newestLFSLock(repositoryID: id, except: nil), is: locks[4].id)
                try promise(try records.newestLFSLock(repositoryID: id, except: scene.bob.id), is: locks[3].id)
                try promise(try records.newestLFSLock(repositoryID: scene.shared.id, except: nil), is: nil)
                try promise(try records.lfsLock(repositoryID: scene.shared.id, id: locks[0].id), is: nil)
            }
        },
        MetadataStorePromise("collected rows and condemned objects are remembered until they are forgotten") { store in
            let scene = try await Scene(in: store)
            let (id, oid) = (scene.open.id, Sample.largeOID(1))
            let later = Sample.time.adding(seconds: 60)
            try await store.transaction { records in
                let object = Sample.object(1, of: id, size: 10)
                try records.insertLFSObject(object)
                try promise(try records.condemnLFSObject(oid: oid, size: 10, at: later), is: false)
                let young = try records.collectLFSObjects(
                    repositoryID: id,
                    oids: [oid],
                    before: Sample.time,
                    at: later
                )
                try promise(young, is: LFSUsage())
                let gone = try records.collectLFSObjects(repositoryID: id, oids: [oid], before: later, at: later)
                try promise(gone, is: LFSUsage(objects: 1, bytes: 10))
                try promise(try records.lfsUsage(repositoryID: id), is: LFSUsage())
                try promise(try records.collectedLFSObjects(after: nil, limit: 9), is: [object])
                try promise(try records.collectedLFSObjects(after: (id, oid), limit: 9), is: [])
                try promise(try records.condemnLFSObject(oid: oid, size: 10, at: later), is: true)
                try promise(try records.condemnedLFSObjects(after: nil, limit: 9).map(\.oid), is: [oid])
                try promise(try records.wronglyCondemnedLFSObjects(after: nil, limit: 9), is: [])
                try records.insertLFSObject(object)
                try promise(try records.collectedLFSObjects(after: nil, limit: 9), is: [])
                // The note stays until somebody has seen the bytes.
                try promise(try records.isLFSObjectCondemned(oid), is: true)
                try promise(try records.wronglyCondemnedLFSObjects(after: nil, limit: 9), is: [oid])
                try promise(try records.wronglyCondemnedLFSObjects(after: oid, limit: 9), is: [])
                try records.forgetCollectedLFSObjects(before: later.adding(seconds: 1), notesBefore: later)
                try promise(try records.isLFSObjectCondemned(oid), is: true)
                try records.acquitLFSObject(oid)
                try promise(try records.isLFSObjectCondemned(oid), is: false)
                try promise(try records.condemnLFSObject(oid: oid, size: 10, at: later), is: false)
                try records.forgetLFSObject(repositoryID: id, oid: oid)
                try promise(try records.condemnLFSObject(oid: oid, size: 10, at: later), is: true)
                let end = later.adding(seconds: 1)
                try records.forgetCollectedLFSObjects(before: end, notesBefore: end)
                try promise(try records.isLFSObjectCondemned(oid), is: false)
            }
        },
    ]
}

extension Sample {
    /// A lock with a number.
    package static func lock(
        _ number: UInt16,
        _ path: String,
        of repository: RecordID,
        owner: UserRecord
    ) throws -> LFSLockRecord {
        LFSLockRecord(
            id: try id(number),
            repositoryID: repository,
            path: path,
            ownerID: owner.id,
            ownerName: owner.name,
            refName: "refs/heads/main",
            lockedAt: time
        )
    }
}
