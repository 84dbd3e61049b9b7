import Foundation
import GranaryTesting
import Logging
import NIOCore
import ObjectStore
import Synchronization
import Testing

@Suite struct S3CredentialsTextTests {
    private static let fixed = S3Credentials(accessKey: "AKID", secretKey: "s3cr/et+=", sessionToken: nil)

    @Test(arguments: [
        "[default]\naws_access_key_id = AKID\naws_secret_access_key = s3cr/et+=\n",
        "# a comment\n\n; another\n[default]\r\nregion=eu-west-1\r\naws_access_key_id=AKID\r\n aws_secret_access_key\t=\ts3cr/et+=\r\n",
        "AWS_ACCESS_KEY_ID=AKID\nAWS_SECRET_ACCESS_KEY=s3cr/et+=\nAWS_SESSION_TOKEN=\n",
        "[other]\naws_access_key_id=X\naws_secret_access_key=Y\n[default]\naws_access_key_id=AKID\naws_secret_access_key=s3cr/et+=\n[last]\naws_session_token=Z\n",
        "aws_access_key_id=old\naws_access_key_id=AKID\naws_secret_access_key=s3cr/et+=",
    ])
    func readsWhatToolsWrite(_ text: String) throws {
        #expect(try S3Credentials(text: text) == Self.fixed)
    }

    @Test(arguments: ["2026-11-26T15:00:00Z", "2026-11-26T15:00:00+00:00"])
    func readsSessions(_ end: String) throws {
        let text = """
            aws_access_key_id=AKID
            aws_secret_access_key=secret
            aws_session_token=to/ken==
            aws_credential_expiration=\(end)
            """
        let expected = S3Credentials(
            accessKey: "AKID",
            secretKey: "secret",
            sessionToken: "to/ken==",
            expiresAt: 1_795_705_200
        )
        #expect(try S3Credentials(text: text) == expected)
    }

    @Test(
        arguments: [
            ("", .missing("aws_access_key_id")), ("aws_access_key_id=AKID\n", .missing("aws_secret_access_key")),
            ("aws_access_key_id=\naws_secret_access_key=s", .missing("aws_access_key_id")),
            ("[mine]\naws_access_key_id=A\naws_secret_access_key=s", .missing("aws_access_key_id")),
            ("aws_access_key_id=A B\naws_secret_access_key=s", .malformed("aws_access_key_id")),
            ("aws_access_key_id=A\naws_secret_access_key=\u{E4}", .malformed("aws_secret_access_key")),
            (
                "aws_access_key_id=A\naws_secret_access_key=s\naws_session_token=\(String(repeating: "x", count: 8_193))",
                .malformed("aws_session_token")
            ),
            (
                "aws_access_key_id=A\naws_secret_access_key=s\naws_credential_expiration=tomorrow",
                .malformed("aws_credential_expiration")
            ),
        ] as [(String, S3CredentialsError)]
    )
    func refusesOthers(_ text: String, _ error: S3CredentialsError) {
        #expect(throws: error) { try S3Credentials(text: text) }
    }
}

@Suite struct S3CredentialsFileTests {
    /// A file, and the clock by which it is read.
    private final class Place: Sendable {
        let directory: TemporaryDirectory
        private let time = Mutex(Int64(1_000))

        init() throws { directory = try TemporaryDirectory("credentials") }

        var path: String { directory.path("file") }
        var now: @Sendable () -> Int64 { { self.time.withLock { $0 } } }

        func wait(_ seconds: Int64) { time.withLock { $0 += seconds } }

        func write(_ key: String, token: String? = nil, expires: String? = nil) throws {
            var text = "aws_access_key_id=\(key)\naws_secret_access_key=secret-of-\(key)\n"
            if let token { text += "aws_session_token=\(token)\n" }
            if let expires { text += "aws_credential_expiration=\(expires)\n" }
            try write(text: text)
        }

        func write(text: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }

        func open() throws -> S3CredentialsFile {
            try S3CredentialsFile(path, now: now, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
    }

    private func key(_ name: String) -> S3Credentials {
        S3Credentials(accessKey: name, secretKey: "secret-of-\(name)")
    }

    @Test func isReadAgainAfterSomeSeconds() async throws {
        let place = try Place()
        try place.write("one")
        let file = try place.open()
        try place.write("two")
        #expect(await file.current() == key("one"))
        place.wait(9)
        #expect(await file.current() == key("one"))
        place.wait(1)
        #expect(await file.current() == key("two"))
        try place.write("three")
        #expect(await file.current() == key("two"))
        // A clock that is set back counts as time that has passed.
        place.wait(-3_600)
        #expect(await file.current() == key("three"))
    }

    @Test func isReadMoreOftenBeforeItsEnd() async throws {
        let place = try Place()
        try place.write("one", expires: "1970-01-01T00:21:40Z")
        let file = try place.open()
        try place.write("two")
        place.wait(1)
        #expect(await file.current() == key("two"))
    }

    @Test func staysAsItWasWhenItCannotBeUsed() async throws {
        let place = try Place()
        try place.write("one")
        let file = try place.open()
        for text in ["", "aws_access_key_id=half", String(repeating: "#", count: S3CredentialsFile.maximumBytes + 1)] {
            try place.write(text: text)
            place.wait(10)
            #expect(await file.current() == key("one"))
        }
        try FileManager.default.removeItem(atPath: place.path)
        place.wait(10)
        #expect(await file.current() == key("one"))
        #expect(await file.replacement(for: key("one")) == nil)
        try place.write("two")
        place.wait(10)
        #expect(await file.current() == key("two"))
    }

    @Test func isReadAtOnceWhenTheOldOnesAreRefused() async throws {
        let place = try Place()
        try place.write("one")
        let file = try place.open()
        #expect(await file.replacement(for: key("one")) == nil)
        try place.write("two")
        #expect(await file.replacement(for: key("one")) == key("two"))
        // Whoever was refused before that needs no further look.
        try place.write("three")
        #expect(await file.replacement(for: key("one")) == key("two"))
        #expect(await file.current() == key("two"))
    }

    @Test func isFollowedThroughLinks() async throws {
        let place = try Place()
        for name in ["a", "b"] {
            let text = "aws_access_key_id=\(name)\naws_secret_access_key=secret-of-\(name)\n"
            _ = try place.directory.write(name, text)
        }
        try FileManager.default.createSymbolicLink(
            atPath: place.path,
            withDestinationPath: place.directory.path("a")
        )
        let file = try place.open()
        #expect(await file.current() == key("a"))
        try FileManager.default.removeItem(atPath: place.path)
        try FileManager.default.createSymbolicLink(
            atPath: place.path,
            withDestinationPath: place.directory.path("b")
        )
        place.wait(10)
        #expect(await file.current() == key("b"))
    }

    @Test func mustBeThereAtTheStart() throws {
        let place = try Place()
        #expect(throws: S3CredentialsError.unreadable(2)) { try place.open() }
        try place.write(text: "nothing")
        #expect(throws: S3CredentialsError.missing("aws_access_key_id")) { try place.open() }
        try Data([0x61, 0xff]).write(to: URL(fileURLWithPath: place.path))
        #expect(throws: S3CredentialsError.notText) { try place.open() }
    }
}

@Suite struct S3RenewalTests {
    /// Credentials that are exchanged when they are refused.
    private final class Renewed: S3CredentialsSource {
        private let list: Mutex<[S3Credentials]>

        init(_ tokens: [String]) {
            list = Mutex(tokens.map { S3Credentials(accessKey: "AKID", secretKey: "very-secret", sessionToken: $0) })
        }

        func current() async -> S3Credentials { list.withLock { $0[0] } }

        func replacement(for refused: S3Credentials) async -> S3Credentials? {
            list.withLock { list in
                if list[0] == refused, list.count > 1 { list.removeFirst() }
                return list[0] == refused ? nil : list[0]
            }
        }
    }

    private let sample: ObjectSample
    private let found = ScriptedTransport.Step.answer(200, headers: [("Content-Length", "1000")])

    init() throws { sample = try ObjectSample(size: 1000) }

    private func tokens(_ store: ScriptedStore) -> [String?] {
        store.transport.requests.map { $0.headers.first { $0.name == "x-amz-security-token" }?.value }
    }

    @Test(arguments: [
        ScriptedTransport.error(400, "ExpiredToken"), ScriptedTransport.error(403, "InvalidAccessKeyId"),
        .answer(403), .answer(400),
    ])
    func aRefusedRequestIsSentAgainWithOthers(_ refusal: ScriptedTransport.Step) async throws {
        let scripted = try ScriptedStore([refusal, found, found], credentials: Renewed(["old", "new"]))
        #expect(try await scripted.store.size(of: sample.key) == 1000)
        #expect(try await scripted.store.size(of: sample.key) == 1000)
        #expect(tokens(scripted) == ["old", "new", "new"])
        #expect(scripted.waits.list.withLock { $0 }.isEmpty)
    }

    @Test func butOnceOnly() async throws {
        let expired = ScriptedTransport.error(400, "ExpiredToken")
        let scripted = try ScriptedStore([expired, expired, found], credentials: Renewed(["a", "b", "c"]))
        await #expect(throws: ObjectStoreError.refused("ExpiredToken, HTTP 400, request R1")) {
            try await scripted.store.size(of: sample.key)
        }
        #expect(tokens(scripted) == ["a", "b"])
    }

    @Test func notWithTheSame() async throws {
        let scripted = try ScriptedStore([ScriptedTransport.error(400, "ExpiredToken"), found])
        await #expect(throws: ObjectStoreError.self) { try await scripted.store.size(of: sample.key) }
        #expect(scripted.transport.requests.count == 1)
    }

    @Test func aStreamIsNotSentAgainButTheNextOneIsRight() async throws {
        let large = try ObjectSample(size: 1 << 20)
        let steps = [ScriptedTransport.error(400, "ExpiredToken"), .answer(200)]
        let scripted = try ScriptedStore(steps, credentials: Renewed(["old", "new"]))
        for isRefused in [true, false] {
            do {
                try await scripted.store.put(large.key, size: large.size, bytes: large.bytes())
                #expect(!isRefused)
            } catch let error as ObjectStoreError {
                #expect(isRefused, "\(error)")
            }
        }
        #expect(tokens(scripted) == ["old", "new"])
    }

    @Test func aLinkLivesNoLongerThanItsSession() async throws {
        let session = S3Credentials(
            accessKey: "AKID",
            secretKey: "very-secret",
            sessionToken: "t",
            expiresAt: 1_369_353_600 + 40
        )
        let scripted = try ScriptedStore([], credentials: session)
        let get = try #require(try await scripted.store.directDownload(sample.key, expiresIn: 900, fileName: nil))
        #expect(get.expiresIn == 40 && get.url.contains("X-Amz-Expires=40&"))
        #expect(get.url.contains("X-Amz-Security-Token=t&"))
    }
}
