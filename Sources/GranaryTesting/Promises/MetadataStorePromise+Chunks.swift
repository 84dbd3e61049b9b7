import Access
import Metadata

/// Xorbs, and the files that are made of them.
extension MetadataStorePromise {
    private static func xorb(_ number: Int, size: Int64 = 10, used: Timestamp = Sample.time) -> XorbRecord {
        XorbRecord(
            hash: Sample.largeOID(number),
            oid: Sample.largeOID(number + 1_000),
            storedBytes: size,
            rawBytes: size,
            chunks: 3,
            chunkIndex: [1, 2, 3],
            createdAt: Sample.time,
            usedAt: used
        )
    }

    private static func file(_ number: Int, of oid: Int) -> XetFileRecord {
        XetFileRecord(
            hash: Sample.largeOID(number),
            oid: Sample.largeOID(oid),
            size: 10,
            terms: [1],
            createdAt: Sample.time
        )
    }

    static let chunks = [
        MetadataStorePromise("a scope knows the xorbs that it was let in, and no others") { store in
            try await store.transaction { records in
                for number in 0..<120 {
                    try promise(try records.insertXorb(xorb(number)), is: true)
                    if number % 2 == 0 { try records.admitXorb(xorb(number).hash, to: "one") }
                }
                try promise(try records.insertXorb(xorb(0)), is: false)
            }
            for count in [0, 1, 8, 9, 101, 200] {
                let hashes = (0..<count).map(Sample.largeOID)
                let (known, even) = (min(count, 120), (min(count, 120) + 1) / 2)
                try await store.read { records in
                    try promise(try records.xorbs(hashes).count, is: known)
                    try promise(try records.xorbs(hashes, in: "one").count, is: even)
                    try promise(try records.xorbs(hashes, in: "two").count, is: 0)
                    let places = try records.xorbPlaces(hashes, in: "one")
                    try promise(places.count, is: even)
                    try promise(places.allSatisfy { $0.value.chunks == 3 }, "chunks are counted")
                    try promise(try records.xorbPlaces(hashes).count, is: known)
                }
            }
        },
        MetadataStorePromise("what was sent counts for its repository until a file is made of it") { store in
            let scene = try await Scene(in: store)
            let (here, there) = (scene.open, scene.shared)
            try await store.transaction { records in
                for number in 1...3 { try records.insertXorb(xorb(number, size: 10)) }
                try records.noteXorbUpload(xorb(1).hash, to: here.id, size: 10)
                try records.noteXorbUpload(xorb(1).hash, to: there.id, size: 10)
                try records.noteXorbUpload(xorb(2).hash, to: here.id, size: 10)
                try records.noteXorbUpload(xorb(3).hash, to: there.id, size: 10)
            }
            try await store.read { records in
                try promise(try records.lfsReserved(repositoryID: here.id, at: Sample.time), is: 20)
                try promise(try records.lfsReserved(repositoryID: there.id, at: Sample.time), is: 10)
                let hashes = [xorb(1).hash, xorb(3).hash]
                try promise(try records.xorbUploads(among: hashes, to: here.id), is: 10)
            }
            try await store.transaction { records in
                try records.insertXetFile(file(50, of: 60), xorbs: [xorb(1).hash])
                // In a file already: nothing more to come.
                try records.noteXorbUpload(xorb(1).hash, to: here.id, size: 10)
            }
            try await store.read { records in
                try promise(try records.lfsReserved(repositoryID: here.id, at: Sample.time), is: 10)
                try promise(try records.lfsReserved(namespaceID: here.namespaceID, at: Sample.time) >= 10, "in sum too")
            }
            _ = try await store.transaction { try $0.deleteUnusedXorb(xorb(2).hash) }
            try promise(try await store.read { try $0.lfsReserved(repositoryID: here.id, at: Sample.time) }, is: 0)
        },
        MetadataStorePromise("a xorb of which a file is made does not go, nor one that was used lately") { store in
            let late = Sample.time.adding(seconds: 100)
            try await store.transaction { records in
                for number in 1...2 { try records.insertXorb(xorb(number)) }
                try records.insertXorb(xorb(3, used: late))
                try records.insertXetFile(file(50, of: 60), xorbs: [xorb(1).hash])
            }
            let end = Sample.time.adding(seconds: 50)
            try await store.read { records in
                let unused = try records.unusedXorbs(before: end, after: "", limit: 10)
                try promise(unused, is: [xorb(2).hash])
                try promise(try records.hasXorb([xorb(3).hash], usedBefore: end), is: false)
                try promise(try records.hasXorb([xorb(1).hash, xorb(3).hash], usedBefore: end), is: true)
            }
            try await store.transaction { records in
                try promise(try records.deleteUnusedXorb(xorb(1).hash), is: false)
                try promise(try records.deleteUnusedXorb(xorb(2).hash, before: end), is: true)
                try promise(try records.deleteUnusedXorb(xorb(3).hash, before: end), is: false)
            }
        },
        MetadataStorePromise("a file of a xorb that is gone is refused") { store in
            try await promiseFailure({ ($0 as? MetadataError)?.isConflict == true }) {
                try await store.transaction { try $0.insertXetFile(file(50, of: 60), xorbs: [xorb(1).hash]) }
            }
            try promise(try await store.read { try $0.xetFile(hash: Sample.largeOID(50)) }?.hash, is: nil)
        },
    ]
}

extension MetadataError {
    fileprivate var isConflict: Bool {
        if case .conflict = self { true } else { false }
    }
}
