package import Access
package import Metadata

extension MetadataStorePromise {
    static let largeFiles = [
        MetadataStorePromise("an object belongs to a repository once, and is counted once") { store in
            let scene = try await Scene(in: store)
            let (here, there) = (scene.open.id, scene.shared.id)
            try await store.transaction { records in
                try promise(try records.insertLFSObject(Sample.object(1, of: here, size: 10)), is: true)
                try promise(try records.insertLFSObject(Sample.object(1, of: here, size: 10)), is: false)
                try promise(try records.insertLFSObject(Sample.object(2, of: here, size: 5)), is: true)
                try promise(try records.insertLFSObject(Sample.object(1, of: there, size: 10)), is: true)
            }
            try await store.read { records in
                try promise(try records.lfsUsage(repositoryID: here), is: LFSUsage(objects: 2, bytes: 15))
                try promise(try records.lfsUsage(repositoryID: there), is: LFSUsage(objects: 1, bytes: 10))
                try promise(try records.lfsUsage(), is: LFSUsage(objects: 3, bytes: 25))
                try promise(try records.repositories(withLFSObject: Sample.largeOID(1)), is: [here, there])
                try promise(try records.repositories(withLFSObject: Sample.largeOID(2)), is: [here])
                try promise(try records.lfsObject(repositoryID: there, oid: Sample.largeOID(2)), is: nil)
            }
        },
        MetadataStorePromise("any number of objects is looked up at once, and none that belongs elsewhere") { store in
            let scene = try await Scene(in: store)
            try await store.transaction { records in
                for number in 0..<250 {
                    let repository = number % 2 == 0 ? scene.open.id : scene.shared.id
                    try records.insertLFSObject(Sample.object(number, of: repository, size: Int64(number)))
                }
            }
            for count in [0, 1, 2, 7, 8, 9, 99, 100, 101, 250] {
                let oids = (0..<count).map(Sample.largeOID)
                let found = try await store.read { try $0.lfsObjects(repositoryID: scene.open.id, oids: oids) }
                let expected = Set(stride(from: 0, to: count, by: 2).map(Sample.largeOID))
                try promise(Set(found.keys), is: expected)
                for (oid, row) in found { try promise(row.oid, is: oid) }
            }
        },
        MetadataStorePromise("a removed object is remembered, not counted, and can come back") { store in
            let id = try await Scene(in: store).open.id
            let oid = Sample.largeOID(1)
            try await store.transaction { records in
                try records.insertLFSObject(Sample.object(1, of: id, size: 10))
                let before = try records.lfsRemovals(repositoryID: id)
                try promise(try records.removeLFSObject(repositoryID: id, oid: oid, at: Sample.time), is: true)
                try promise(try records.removeLFSObject(repositoryID: id, oid: oid, at: Sample.time), is: false)
                try promise(try records.lfsRemovals(repositoryID: id), is: before + 1)
                try promise(try records.lfsUsage(repositoryID: id), is: LFSUsage())
                let row = try present(try records.lfsObject(repositoryID: id, oid: oid))
                try promise(row.removedAt, is: Sample.time)
                try promise(try records.lfsObjects(repositoryID: id, after: nil, limit: 9), is: [])
                try promise(try records.insertLFSObject(Sample.object(1, of: id, size: 10)), is: true)
                try promise(try records.lfsObject(repositoryID: id, oid: oid)?.removedAt, is: nil)
                try promise(try records.lfsUsage(repositoryID: id), is: LFSUsage(objects: 1, bytes: 10))
            }
        },
        MetadataStorePromise("quotas are set, read and lifted; a namespace's usage is that of its repositories") {
            store in
            let scene = try await Scene(in: store)
            try await store.transaction { records in
                try records.insertLFSObject(Sample.object(1, of: scene.open.id, size: 10))
                try records.insertLFSObject(Sample.object(2, of: scene.shared.id, size: 5))
                try records.setLFSQuota(repositoryID: scene.open.id, bytes: 100)
                try records.setLFSQuota(namespaceID: scene.ada.id, bytes: 200)
                try promise(
                    try records.lfsUsage(repositoryID: scene.open.id),
                    is: LFSUsage(objects: 1, bytes: 10, quota: 100)
                )
                try promise(
                    try records.lfsUsage(namespaceID: scene.ada.id),
                    is: LFSUsage(objects: 2, bytes: 15, quota: 200)
                )
                try promise(try records.lfsQuota(namespaceID: scene.bob.id), is: nil)
                try records.setLFSQuota(repositoryID: scene.open.id, bytes: nil)
                try records.setLFSQuota(namespaceID: scene.ada.id, bytes: nil)
                try promise(try records.lfsUsage(repositoryID: scene.open.id).quota, is: nil)
                try promise(try records.lfsQuota(namespaceID: scene.ada.id), is: nil)
            }
        },
        MetadataStorePromise("a reservation counts until it ends, and once per object") { store in
            let scene = try await Scene(in: store)
            let (now, end) = (Sample.time, Sample.time.adding(seconds: 60))
            try await store.transaction { records in
                for _ in 0..<2 {
                    try records.reserveLFS(repositoryID: scene.open.id, oid: Sample.largeOID(1), size: 7, until: end)
                }
                try records.reserveLFS(repositoryID: scene.shared.id, oid: Sample.largeOID(1), size: 7, until: end)
                try promise(try records.lfsReserved(repositoryID: scene.open.id, at: now), is: 7)
                try promise(try records.lfsReserved(namespaceID: scene.ada.id, at: now), is: 14)
                let oids = [Sample.largeOID(1), Sample.largeOID(2)]
                let found = try records.lfsReservations(repositoryID: scene.open.id, oids: oids, at: now)
                try promise(found, is: [Sample.largeOID(1): 7])
                try promise(try records.lfsReserved(repositoryID: scene.open.id, at: end), is: 0)
                try records.releaseLFS(repositoryID: scene.open.id, oid: Sample.largeOID(1))
                try promise(try records.lfsReserved(repositoryID: scene.open.id, at: now), is: 0)
                try records.dropExpiredLFSReservations(at: end)
                try promise(try records.lfsReserved(namespaceID: scene.ada.id, at: now), is: 0)
            }
        },
        MetadataStorePromise("uploads in parts are kept until they end") { store in
            let id = try await Scene(in: store).open.id
            let upload = LFSUploadRecord(
                id: try Sample.id(77),
                repositoryID: id,
                holder: "ada",
                oid: Sample.largeOID(1),
                size: 100,
                partSize: 40,
                storeUpload: "somewhere",
                createdAt: Sample.time,
                expiresAt: Sample.time.adding(seconds: 5)
            )
            try await store.transaction { records in
                try records.insertLFSUpload(upload)
                try promise(try records.lfsUpload(id: upload.id), is: upload)
                try promise(try records.lfsUploadCount(repositoryID: id), is: 1)
                func open(_ size: Int64, _ holder: String, _ seconds: Int64) throws -> LFSUploadRecord? {
                    try records.lfsUpload(
                        repositoryID: id,
                        oid: Sample.largeOID(1),
                        size: size,
                        partSize: 40,
                        holder: holder,
                        openAt: Sample.time.adding(seconds: seconds)
                    )
                }
                try promise(try open(100, "ada", 4), is: upload)
                try promise(try open(100, "ada", 5), is: nil)
                try promise(try open(100, "bob", 4), is: nil)
                try promise(try open(99, "ada", 4), is: nil)
                try promise(try records.lfsReserved(repositoryID: id, at: Sample.time), is: 100)
                var another = upload
                (another.id, another.holder) = (try Sample.id(78), "bob")
                try records.insertLFSUpload(another)
                try records.reserveLFS(repositoryID: id, oid: Sample.largeOID(2), size: 7, until: upload.expiresAt)
                try promise(try records.lfsReserved(repositoryID: id, at: Sample.time), is: 207)
                let namespace = try present(try records.repository(id: id)).namespaceID
                try promise(try records.lfsReserved(namespaceID: namespace, at: Sample.time), is: 207)
                try promise(try records.lfsReserved(repositoryID: id, at: upload.expiresAt), is: 0)
                try promise(try records.deleteLFSUpload(id: another.id), is: true)
                try promise(try records.expiredLFSUploads(at: Sample.time, limit: 9), is: [])
                try promise(try records.expiredLFSUploads(at: upload.expiresAt, limit: 9), is: [upload])
                try promise(try records.deleteLFSUpload(id: upload.id), is: true)
                try promise(try records.deleteLFSUpload(id: upload.id), is: false)
            }
        },
    ]
}

extension Sample {
    /// 64 hexadecimal digits that differ for different numbers, and are in their order.
    package static func largeOID(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 64 - digits.count)) + digits
    }

    /// The row of the object with a number.
    package static func object(_ number: Int, of repository: RecordID, size: Int64) -> LFSObjectRecord {
        LFSObjectRecord(repositoryID: repository, oid: largeOID(number), size: size, createdAt: time)
    }
}
