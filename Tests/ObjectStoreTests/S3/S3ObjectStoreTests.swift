import Foundation
import GranaryTesting
import ObjectStore
import Testing

@Suite(.enabled(if: S3Server.shared != nil, "GRANARY_TEST_S3 is not set")) struct S3ObjectStoreTests {
    private func check(_ promise: ObjectStorePromise, _ change: @escaping @Sendable (inout S3Configuration) -> Void)
        async throws
    {
        let server = try #require(S3Server.shared)
        let prefix = "promises/\(UUID().uuidString.lowercased())"
        try await promise.check(
            ObjectStoreOpener {
                try server.store(prefix, change)
            } close: { store in
                await (store as? S3ObjectStore)?.shutdown()
            }
        )
    }

    @Test(arguments: ObjectStorePromise.all)
    func keepsThePromise(_ promise: ObjectStorePromise) async throws {
        try await check(promise) { _ in }
    }

    /// Everything that is larger than a part goes in parts, and is copied in parts.
    @Test(arguments: ObjectStorePromise.all)
    func keepsThePromiseInParts(_ promise: ObjectStorePromise) async throws {
        try await check(promise) {
            $0.multipartThreshold = 512 << 10
            $0.copyThreshold = 5 << 20
        }
    }

    @Test func findsOutWhatTheServerKnows() async throws {
        try await S3Server.withStore { store in
            let abilities = try await store.probe()
            #expect(abilities.verifiesChecksums)
            #expect(abilities.knowsConditionalWrites)
            #expect(try await store.sweep(olderThanSeconds: 0) == 0)
        }
    }

    @Test func saysWhenTheServerIsAway() async throws {
        let server = try #require(S3Server.shared)
        let store = try server.store("x") {
            if let endpoint = S3Endpoint("http://127.0.0.1:9") { $0.endpoint = endpoint }
            $0.attempts = 2
        }
        let sample = try ObjectSample(size: 1 << 20)
        await #expect(throws: ObjectStoreError.self) { try await store.size(of: sample.key) }
        await #expect(throws: ObjectStoreError.self) {
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
        }
        await store.shutdown()
    }
}
