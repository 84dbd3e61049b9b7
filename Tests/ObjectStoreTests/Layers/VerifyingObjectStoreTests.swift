import Glibc
import GranaryTesting
import NIOCore
import ObjectStore
import Synchronization
import Testing

@Suite struct VerifyingObjectStoreTests {
    @Test func reportsWhatIsDamaged() async throws {
        let directory = try TemporaryDirectory("objects")
        let files = try FileObjectStore(root: directory.path("store"))
        let sample = try ObjectSample(size: 600_000)
        try await files.put(sample.key, size: sample.size, bytes: sample.bytes())
        let file = try #require(try await files.localFile(sample.key))
        let descriptor = open(file.path, O_WRONLY)
        #expect(pwrite(descriptor, "damaged", 7, 300_000) == 7)
        close(descriptor)

        let reported = Reported()
        let store = VerifyingObjectStore(files) { key in reported.keys.withLock { $0.append(key) } }
        let reading = try #require(try await store.read(sample.key, range: nil))
        var count = 0
        await #expect(throws: ObjectStoreError.damaged(sample.key)) {
            for try await piece in reading.bytes { count += piece.readableBytes }
        }
        #expect(count < 600_000)
        #expect(reported.keys.withLock { $0 } == [sample.key])
        let range = try #require(try await store.read(sample.key, range: 0..<600_000 - 1))
        for try await _ in range.bytes {}
        #expect(try await store.localFile(sample.key) == nil)
    }

    private final class Reported: Sendable {
        let keys = Mutex([ObjectKey]())
    }
}
