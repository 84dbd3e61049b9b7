import GranaryTesting
import NIOCore
import ObjectStore
import Synchronization
import Testing

@Suite struct S3RetryTests {
    private let sample: ObjectSample

    init() throws { sample = try ObjectSample(size: 1000) }

    private let found = ScriptedTransport.Step.answer(200, headers: [("Content-Length", "1000")])

    @Test func waitsLongerEachTime() async throws {
        let slow = ScriptedTransport.error(503, "SlowDown")
        let scripted = try ScriptedStore([slow, .failure, slow, slow, found])
        #expect(try await scripted.store.size(of: sample.key) == 1000)
        #expect(scripted.waits.list.withLock { $0 } == [100, 200, 400, 800])
    }

    @Test func givesUpAfterFiveAttempts() async throws {
        let scripted = try ScriptedStore(Array(repeating: ScriptedTransport.error(500, "InternalError"), count: 9))
        await #expect(throws: ObjectStoreError.unavailable("InternalError, HTTP 500, request R1")) {
            try await scripted.store.size(of: sample.key)
        }
        #expect(scripted.transport.requests.count == 5)
    }

    @Test(arguments: ["AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "NoSuchBucket"])
    func doesNotRepeatWhatIsRefused(_ code: String) async throws {
        let scripted = try ScriptedStore([ScriptedTransport.error(code == "NoSuchBucket" ? 404 : 403, code)])
        await #expect(
            throws: ObjectStoreError.refused("\(code), HTTP \(code == "NoSuchBucket" ? 404 : 403), request R1")
        ) {
            try await scripted.store.size(of: sample.key)
        }
        #expect(scripted.transport.requests.count == 1)
    }

    @Test func setsItsClockByTheStore() async throws {
        let skewed = ScriptedTransport.error(
            403,
            "RequestTimeTooSkewed",
            headers: [("Date", "Fri, 24 May 2013 01:00:00 GMT")]
        )
        let scripted = try ScriptedStore([skewed, found, found])
        #expect(try await scripted.store.size(of: sample.key) == 1000)
        #expect(try await scripted.store.size(of: sample.key) == 1000)
        let dates = scripted.transport.requests.map { $0.headers.first { $0.name == "x-amz-date" }?.value }
        #expect(dates == ["20130524T000000Z", "20130524T010000Z", "20130524T010000Z"])
    }

    @Test func setsItsClockOnce() async throws {
        let skewed = ScriptedTransport.error(
            403,
            "RequestTimeTooSkewed",
            headers: [("Date", "Fri, 24 May 2013 01:00:00 GMT")]
        )
        let scripted = try ScriptedStore([skewed, skewed, found])
        await #expect(throws: ObjectStoreError.self) { try await scripted.store.size(of: sample.key) }
    }

    @Test func takesTheRegionFromARedirect() async throws {
        let moved = ScriptedTransport.Step.answer(301, headers: [("x-amz-bucket-region", "eu-west-1")])
        let scripted = try ScriptedStore([moved, found]) { configuration in
            if let endpoint = S3Endpoint("https://s3.us-east-1.amazonaws.com") { configuration.endpoint = endpoint }
        }
        #expect(try await scripted.store.size(of: sample.key) == 1000)
        let last = try #require(scripted.transport.requests.last)
        #expect(last.url.hasPrefix("https://s3.eu-west-1.amazonaws.com/bucket/lfs/"))
        #expect(last.headers.contains { $0.name == "Authorization" && $0.value.contains("/eu-west-1/s3/") })
    }

    @Test func repeatsSmallUploadsButNotStreams() async throws {
        let small = try ScriptedStore([.failure, .answer(200)])
        try await small.store.put(sample.key, size: 1000, bytes: sample.bytes())
        #expect(small.transport.requests.count == 2)
        let large = try ObjectSample(size: 1 << 20)
        let stream = try ScriptedStore([.failure, .answer(200)])
        await #expect(throws: ObjectStoreError.self) {
            try await stream.store.put(large.key, size: large.size, bytes: large.bytes())
        }
        #expect(stream.transport.requests.count == 1)
    }

    @Test func learnsTheRegionFromAStreamThatFailed() async throws {
        let large = try ObjectSample(size: 1 << 20)
        let moved = ScriptedTransport.Step.answer(301, headers: [("x-amz-bucket-region", "eu-west-1")])
        let scripted = try ScriptedStore([moved, .answer(200)])
        await #expect(throws: ObjectStoreError.self) {
            try await scripted.store.put(large.key, size: large.size, bytes: large.bytes())
        }
        try await scripted.store.put(large.key, size: large.size, bytes: large.bytes())
        let last = try #require(scripted.transport.requests.last)
        #expect(last.headers.contains { $0.name == "Authorization" && $0.value.contains("/eu-west-1/s3/") })
    }

    @Test func noticesAnErrorBehindAStatus200() async throws {
        let error = ScriptedTransport.error(200, "InternalError")
        let upload = "0123456789abcdef0123456789abcdef.id"
        let scripted = try ScriptedStore(Array(repeating: error, count: 5))
        let parts = [UploadedPart(number: 1, etag: "e")]
        await #expect(throws: ObjectStoreError.unavailable("InternalError, HTTP 500, request R1")) {
            try await scripted.store.completeMultipart(upload, key: sample.key, size: 1000, parts: parts)
        }
        #expect(scripted.transport.requests.count == 5)
    }

    @Test func takesAPutThatWasThereForDone() async throws {
        let scripted = try ScriptedStore([ScriptedTransport.error(412, "PreconditionFailed"), found])
        try await scripted.store.put(sample.key, size: 1000, bytes: sample.bytes())
        #expect(scripted.transport.requests.map(\.method) == ["PUT", "HEAD"])
    }

    @Test func readsOnWhereAConnectionBroke() async throws {
        let text = String(repeating: "x", count: 500)
        let scripted = try ScriptedStore([
            .broken(200, headers: [("Content-Length", "1000")], body: text),
            .answer(206, headers: [("Content-Range", "bytes 500-999/1000")], body: text),
        ])
        let reading = try #require(try await scripted.store.read(sample.key, range: nil))
        var count = 0
        for try await piece in reading.bytes { count += piece.readableBytes }
        #expect(count == 1000)
        #expect(scripted.transport.requests.last?.headers.contains { $0.value == "bytes=500-999" } == true)
    }

    @Test func neverEndsShortInSilence() async throws {
        let short = ScriptedTransport.Step.answer(200, headers: [("Content-Length", "1000")], body: "x")
        let scripted = try ScriptedStore([short])
        let reading = try #require(try await scripted.store.read(sample.key, range: nil))
        await #expect(throws: ObjectStoreError.self) { for try await _ in reading.bytes {} }
    }

    @Test func signsURLsForThePublicEndpoint() async throws {
        let scripted = try ScriptedStore([]) { $0.publicEndpoint = S3Endpoint("https://files.example.org") }
        let get = try #require(
            try await scripted.store.directDownload(sample.key, expiresIn: 60, fileName: "mod\u{E4}\"l.bin")
        )
        #expect(get.url.hasPrefix("https://files.example.org/bucket/lfs/"))
        #expect(get.url.contains("response-content-disposition=attachment%3B%20filename%3D%22mod__l.bin%22"))
        #expect(!get.url.contains("very-secret"))
        #expect(get.headers.isEmpty)
        let staging = try StagingID.random()
        let put = try #require(
            try await scripted.store.directUpload(sample.key, size: 1000, staging: staging, expiresIn: 60)
        )
        #expect(put.url.hasPrefix("https://files.example.org/bucket/tmp/direct/\(staging)?"))
        #expect(put.url.contains("SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256"))
        #expect(put.headers.map(\.name) == ["content-length", "x-amz-checksum-sha256"])
    }

    @Test func signsNoURLsAsAProxy() async throws {
        let scripted = try ScriptedStore([]) { $0.isProxied = true }
        #expect(try await scripted.store.directDownload(sample.key, expiresIn: 60, fileName: nil) == nil)
        let staging = try StagingID.random()
        #expect(try await scripted.store.directUpload(sample.key, size: 1000, staging: staging, expiresIn: 60) == nil)
        let upload = "0123456789abcdef0123456789abcdef.id"
        #expect(try await scripted.store.directPart(upload, key: sample.key, part: 1, expiresIn: 60) == nil)
    }
}
