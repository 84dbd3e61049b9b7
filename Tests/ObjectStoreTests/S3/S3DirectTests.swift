import GranaryTesting
import NIOCore
import ObjectStore
import Testing

@Suite(.enabled(if: S3Server.shared != nil, "GRANARY_TEST_S3 is not set")) struct S3DirectTests {
    /// A direct upload of an object.
    private struct Trial {
        let sample: ObjectSample
        let staging: StagingID
        let put: DirectRequest

        init(_ store: S3ObjectStore, size: Int64 = 1000, seed: UInt64 = 1, expiresIn: Int = 60) async throws {
            sample = try ObjectSample(size: size, seed: seed)
            staging = try StagingID.random()
            put = try #require(
                try await store.directUpload(sample.key, size: size, staging: staging, expiresIn: expiresIn)
            )
        }

        func verify(_ store: S3ObjectStore) async throws -> Bool {
            try await store.verifyDirectUpload(sample.key, size: sample.size, staging: staging)
        }

        func isStaged(_ store: S3ObjectStore) async throws -> Bool {
            try await store.head(store.layout.staged(staging)) != nil
        }
    }

    @Test(arguments: [0, 1, 1000, 3_000_000])
    func whatAClientSendsIsThereOnceItIsVerified(size: Int64) async throws {
        try await S3Server.withStore { store in
            let trial = try await Trial(store, size: size)
            #expect(try await !trial.verify(store))
            #expect(try await trial.put.send(trial.sample.array()).status == 200)
            #expect(try await store.size(of: trial.sample.key) == nil)
            #expect(try await store.list(after: nil, limit: 10) == [])
            #expect(try await trial.verify(store))
            // The client may not have heard the answer.
            #expect(try await trial.verify(store))
            #expect(try await !trial.isStaged(store))
            let get = try #require(
                try await store.directDownload(trial.sample.key, expiresIn: 60, fileName: "a b.bin")
            )
            let answer = try await get.send(nil)
            #expect(answer.status == 200 && answer.body == trial.sample.array())
        }
    }

    @Test func largeObjectsAreCopiedInParts() async throws {
        try await S3Server.withStore({ $0.copyThreshold = 5 << 20 }) { store in
            // More parts than are copied at once would be 16 MiB each; two are enough to see their order.
            let trial = try await Trial(store, size: 37 << 20)
            #expect(try await trial.put.send(trial.sample.array()).status == 200)
            #expect(try await trial.verify(store))
            let digest = try await store.digest(of: store.layout.object(trial.sample.key), size: 37 << 20)
            #expect(digest == trial.sample.key.bytes)
        }
    }

    @Test func wrongBytesAreRefused() async throws {
        try await S3Server.withStore { store in
            let trial = try await Trial(store)
            let right = trial.sample.array()
            for wrong in [try ObjectSample(size: 1000, seed: 2).array(), Array(right.dropLast()), right + [0], []] {
                #expect(try await (400...403).contains(trial.put.send(wrong).status))
                #expect(try await !trial.isStaged(store))
            }
            var unsigned = trial.put
            unsigned.headers = []
            #expect(try await unsigned.send(right).status == 403)
            #expect(try await !trial.verify(store))
            #expect(try await store.size(of: trial.sample.key) == nil)
        }
    }

    @Test func aURLIsForItsTimeOnly() async throws {
        try await S3Server.withStore { store in
            let trial = try await Trial(store, expiresIn: 1)
            try await Task.sleep(for: .seconds(3))
            #expect(try await trial.put.send(trial.sample.array()).status == 403)
            #expect(try await !trial.verify(store))
        }
    }

    @Test func whatWasSentElsewhereDoesNotCount() async throws {
        try await S3Server.withStore { store in
            let (trial, other) = (try await Trial(store), try await Trial(store))
            #expect(try await trial.put.send(trial.sample.array()).status == 200)
            #expect(try await !other.verify(store))
            let another = try ObjectSample(size: 1000, seed: 2)
            try await store.put(another.key, size: 1000, bytes: another.bytes())
            #expect(try await !store.verifyDirectUpload(another.key, size: 1000, staging: trial.staging))
            #expect(try await !store.verifyDirectUpload(trial.sample.key, size: 999, staging: trial.staging))
            #expect(try await trial.verify(store))
        }
    }

    @Test func anObjectThatIsThereAlreadyStaysAsItIs() async throws {
        try await S3Server.withStore { store in
            let trial = try await Trial(store)
            try await store.put(trial.sample.key, size: 1000, bytes: trial.sample.bytes())
            #expect(try await trial.put.send(trial.sample.array()).status == 200)
            #expect(try await trial.verify(store))
            #expect(try await store.size(of: trial.sample.key) == 1000)
        }
    }

    @Test func eightQuestionsAtOnceHaveOneAnswer() async throws {
        try await S3Server.withStore { store in
            let trial = try await Trial(store, size: 300_000)
            #expect(try await trial.put.send(trial.sample.array()).status == 200)
            let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 { group.addTask { try await trial.verify(store) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers == Array(repeating: true, count: 8))
        }
    }

    @Test func aQuestionGoesOnWhenNobodyWaits() async throws {
        try await S3Server.withStore { store in
            let trial = try await Trial(store, size: 3_000_000)
            #expect(try await trial.put.send(trial.sample.array()).status == 200)
            let question = Task { try await trial.verify(store) }
            question.cancel()
            _ = await question.result
            #expect(try await trial.verify(store))
        }
    }

    @Test func whatIsNotVerifiedIsSwept() async throws {
        try await S3Server.withStore { store in
            let (sent, verified) = (try await Trial(store), try await Trial(store, seed: 2))
            for trial in [sent, verified] {
                #expect(try await trial.put.send(trial.sample.array()).status == 200)
            }
            #expect(try await verified.verify(store))
            #expect(try await store.sweep(olderThanSeconds: 3600) == 0)
            // What was sent, and the receipt of the other.
            #expect(try await store.sweep(olderThanSeconds: 0) == 2)
            #expect(try await !sent.verify(store))
            #expect(try await store.list(after: nil, limit: 10).map(\.key) == [verified.sample.key])
        }
    }

    @Test func clientsSendPartsToTheStore() async throws {
        try await S3Server.withStore { store in
            let sample = try ObjectSample(size: 1000)
            let upload = try await store.beginMultipart(sample.key, size: 1000, partSize: 5 << 20)
            let put = try #require(try await store.directPart(upload, key: sample.key, part: 1, expiresIn: 60))
            #expect(try await put.send(sample.array()).status == 200)
        }
    }

    /// A store that compares checksums but does not tell them is read again.
    @Test func readsAgainWithoutAChecksum() async throws {
        try await S3Server.withStore({ $0.verifiesChecksums = false }) { store in
            let (sample, staging) = (try ObjectSample(size: 1000), try StagingID.random())
            #expect(try await store.directUpload(sample.key, size: 1000, staging: staging, expiresIn: 60) == nil)
            for seed in [2, 1] as [UInt64] {
                let bytes = try ObjectSample(size: 1000, seed: seed).array()
                let request = S3Request(
                    method: "PUT",
                    key: store.layout.staged(staging),
                    body: .bytes(ByteBuffer(bytes: bytes))
                )
                _ = try await store.client.call(request)
                let isRight = try await store.verifyDirectUpload(sample.key, size: 1000, staging: staging)
                #expect(isRight == (seed == 1))
                #expect(try await store.size(of: sample.key) == (isRight ? 1000 : nil))
            }
        }
    }
}
