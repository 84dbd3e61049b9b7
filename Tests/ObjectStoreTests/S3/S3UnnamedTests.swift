import GranaryTesting
import NIOCore
import ObjectStore
import Testing

/// Objects without a name that clients send to the store themselves.
@Suite(.enabled(if: S3Server.shared != nil, "GRANARY_TEST_S3 is not set")) struct S3UnnamedTests {
    private func send(_ sample: ObjectSample, as staging: StagingID, to store: S3ObjectStore) async throws {
        let bytes = ByteBuffer(bytes: sample.array())
        let request = S3Request(method: "PUT", key: store.layout.staged(staging), body: .bytes(bytes))
        _ = try await store.client.call(request)
    }

    private func content(_ key: ObjectKey, in store: S3ObjectStore) async throws -> [UInt8]? {
        guard let reading = try await store.read(key, range: nil) else { return nil }
        var bytes: [UInt8] = []
        for try await piece in reading.bytes { bytes += Array(piece.readableBytesView) }
        return bytes
    }

    @Test(arguments: [1, 1_000, 6 << 20] as [Int64]) func whatWasSentGetsItsName(size: Int64) async throws {
        try await S3Server.withStore { store in
            let (sample, staging) = (try ObjectSample(size: size), try StagingID.random())
            #expect(try await store.publishUnnamed(staging, size: size) { _ in } == nil)
            try await send(sample, as: staging, to: store)
            let key = try await store.publishUnnamed(staging, size: size) { for try await _ in $0 {} }
            #expect(key == sample.key)
            #expect(try await content(sample.key, in: store) == sample.array())
            #expect(try await store.sweep(olderThanSeconds: 0) == 0)
        }
    }

    /// The link is still good while the bytes are looked at: what is sent then is not what is published.
    @Test(arguments: [1_000, 6 << 20] as [Int64]) func whatIsSentMeanwhileIsNotPublished(size: Int64) async throws {
        try await S3Server.withStore { store in
            let (good, bad) = (try ObjectSample(size: size), try ObjectSample(size: size, seed: 2))
            let staging = try StagingID.random()
            try await send(good, as: staging, to: store)
            let key = try await store.publishUnnamed(staging, size: size) { bytes in
                for try await _ in bytes {}
                try await send(bad, as: staging, to: store)
            }
            #expect(key == good.key)
            #expect(try await content(good.key, in: store) == good.array())
            #expect(try await store.size(of: bad.key) == nil)
        }
    }

    private struct Refused: Error {}

    @Test func whatIsRefusedLeavesNothing() async throws {
        try await S3Server.withStore { store in
            let (sample, staging) = (try ObjectSample(size: 1_000), try StagingID.random())
            try await send(sample, as: staging, to: store)
            await #expect(throws: Refused.self) {
                _ = try await store.publishUnnamed(staging, size: 1_000) { _ in throw Refused() }
            }
            #expect(try await store.list(after: nil, limit: 10) == [])
            #expect(try await store.sweep(olderThanSeconds: 0) == 0)
        }
    }
}
