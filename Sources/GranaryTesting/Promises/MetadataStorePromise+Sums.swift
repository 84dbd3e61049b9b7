import Metadata

extension MetadataStorePromise {
    /// PostgreSQL adds numbers up to numbers of another type, which records do not have, unless a statement says otherwise.
    static let sums = [
        MetadataStorePromise("what nothing amounts to is nothing") { store in
            let id = try Sample.id(1)
            let sums = try await store.read { records in
                [
                    try records.storedBytes(repositoryID: id), try records.attachmentBytes(userID: id),
                    try records.usedStorage(namespaceID: id),
                    try records.lfsReserved(repositoryID: id, at: Sample.time),
                    try records.lfsReserved(namespaceID: id, at: Sample.time),
                    try records.lfsUsage(namespaceID: id).bytes, try records.lfsUsage().bytes,
                    try records.xetUsage().logicalBytes, try records.xetUsage().physicalBytes,
                ]
            }
            try promise(sums, is: Array(repeating: 0, count: sums.count))
        },
        MetadataStorePromise("a copy counts what it has") { store in
            let ada = try Sample.user(1, "ada")
            let original = try Sample.repository(2, "tiny", of: ada)
            let copy = try Sample.repository(3, "copy", of: ada)
            try await store.transaction { records in
                try records.insertUser(ada)
                for repository in [original, copy] { try records.insertRepository(repository) }
                for (number, size) in [(1, Int64(1) << 40), (2, 5)] {
                    try records.insertLFSObject(
                        LFSObjectRecord(
                            repositoryID: original.id,
                            oid: Sample.oid(number),
                            size: size,
                            createdAt: Sample.time
                        )
                    )
                }
                try records.copyLFSObjects(from: original.id, to: copy.id, except: [Sample.oid(2)], at: Sample.time)
            }
            let usage = try await store.read { try $0.lfsUsage(repositoryID: copy.id) }
            try promise(usage.bytes, is: 1 << 40)
            try promise(usage.objects, is: 1)
        },
    ]
}
