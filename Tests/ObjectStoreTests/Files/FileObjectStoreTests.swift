import Glibc
import GranaryTesting
import ObjectStore
import Testing

@Suite struct FileObjectStoreTests {
    private func withStore(_ body: (FileObjectStore, String) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("objects")
        try await body(try FileObjectStore(root: directory.path("store")), directory.path("store"))
    }

    @Test(arguments: ObjectStorePromise.all)
    func keepsThePromise(_ promise: ObjectStorePromise) async throws {
        let directory = try TemporaryDirectory("objects")
        try await promise.check(ObjectStoreOpener { try FileObjectStore(root: directory.path("store")) })
    }

    @Test(arguments: ObjectStorePromise.all)
    func keepsThePromiseBehindItsLayers(_ promise: ObjectStorePromise) async throws {
        let directory = try TemporaryDirectory("objects")
        try await promise.check(
            ObjectStoreOpener {
                let files = try FileObjectStore(root: directory.path("store"))
                return MeteredObjectStore(VerifyingObjectStore(FaultyObjectStore(files)) { _ in })
            }
        )
    }

    @Test func fansOutAndIsPrivate() async throws {
        try await withStore { store, root in
            let sample = try ObjectSample(size: 100)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            let hex = sample.key.hex
            let path = "\(root)/objects/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
            #expect(try await store.localFile(sample.key) == LocalObject(path: path, size: 100))
            var status = stat()
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(status.st_nlink == 1)
            #expect(try StoreDirectories.names(in: root + "/tmp").isEmpty)
        }
    }

    @Test func refusesAtOnceWhatHasNoRoom() async throws {
        try await withStore { store, root in
            let sample = try ObjectSample(size: 10)
            await #expect(throws: ObjectStoreError.outOfSpace) {
                try await store.put(sample.key, size: .max, bytes: sample.bytes())
            }
            #expect(try StoreDirectories.names(in: root + "/tmp").isEmpty)
        }
    }

    @Test func replacesAnObjectThatBecameShort() async throws {
        try await withStore { store, root in
            let sample = try ObjectSample(size: 100_000)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            let file = try #require(try await store.localFile(sample.key))
            let reading = try #require(try await store.read(sample.key, range: nil))
            #expect(truncate(file.path, 10) == 0)
            await #expect(throws: ObjectStoreError.damaged(sample.key)) { for try await _ in reading.bytes {} }
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            #expect(try await store.size(of: sample.key) == sample.size)
        }
    }

    @Test func passesOverWhatIsNoObject() async throws {
        try await withStore { store, root in
            let sample = try ObjectSample(size: 100)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            for path in ["/objects/README", "/objects/zz"] { try StoreDirectories.create(root + path) }
            try StoreDirectories.create(root + "/objects/00")
            try StoreDirectories.create(root + "/objects/00/00")
            #expect(symlink("/etc/passwd", root + "/objects/00/00/" + String(repeating: "0", count: 64)) == 0)
            #expect(try await store.list(after: nil, limit: 10).map(\.key) == [sample.key])
            let link = try #require(ObjectKey(hex: String(repeating: "0", count: 64)))
            await #expect(throws: ObjectStoreError.self) { try await store.read(link, range: nil) }
        }
    }

    @Test func translatesWhatTheSystemSays() {
        #expect(FileFailure("write", "x", code: ENOSPC).translated == .outOfSpace)
        #expect(FileFailure("write", "x", code: EDQUOT).translated == .outOfSpace)
        #expect(FileFailure("open", "x", code: EACCES).translated == .refused("open x: Permission denied"))
        #expect(FileFailure("read", "x", code: EIO).translated == .unavailable("read x: Input/output error"))
    }

    @Test func acceptsPartsOfTheirSizeOnly() async throws {
        try await withStore { store, _ in
            let sample = try ObjectSample(size: 25)
            let upload = try await store.beginMultipart(sample.key, size: 25, partSize: 10)
            for (part, size) in [(1, 9), (1, 11), (3, 10), (2, 5)] as [(Int, Int64)] {
                await #expect(throws: ObjectStoreError.self) {
                    try await store.putPart(
                        upload,
                        key: sample.key,
                        part: part,
                        size: size,
                        bytes: sample.bytes(0..<size)
                    )
                }
            }
            await #expect(throws: ObjectStoreError.invalidPart(4)) {
                try await store.putPart(upload, key: sample.key, part: 4, size: 5, bytes: sample.bytes(0..<5))
            }
        }
    }
}

@Suite struct MultipartManifestTests {
    @Test func readsWhatItWrites() throws {
        let key = try #require(ObjectKey(hex: String(repeating: "ab", count: 32)))
        let manifest = try #require(MultipartManifest(key: key, size: 25, partSize: 10))
        #expect(MultipartManifest(manifest.text) == manifest)
        #expect((1...4).map { manifest.size(ofPart: $0) } == [10, 10, 5, nil])
        #expect(MultipartManifest(manifest.text + "x") == nil)
        #expect(MultipartManifest(key: key, size: 0, partSize: 10)?.size(ofPart: 1) == 0)
        #expect(MultipartManifest(key: key, size: 10, partSize: 10)?.partCount == 1)
        #expect(MultipartManifest(key: key, size: 100_001, partSize: 10) == nil)
        #expect(MultipartManifest(key: key, size: .max, partSize: 5 << 30) == nil)
        #expect(MultipartManifest(key: key, size: 1, partSize: 0) == nil)
    }

    @Test func recommendsPartsThatAreEnough() throws {
        let key = try #require(ObjectKey(hex: String(repeating: "ab", count: 32)))
        for size in [0, 1, 16 << 20, 160_000 << 20, (160_000 << 20) + 1, 5 << 40] as [Int64] {
            let partSize = MultipartLimits.recommendedPartSize(for: size)
            #expect(partSize >= 16 << 20 && partSize % (1 << 20) == 0)
            #expect(MultipartManifest(key: key, size: size, partSize: partSize) != nil)
        }
    }
}
