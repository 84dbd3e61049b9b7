import Foundation
import GranaryTesting
import Testing

@Suite("Credentials for an S3 store are in a file", .serialized, .ownServers)
struct S3CredentialsFile {
    private let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory("s3-credentials") }

    /// Writes the file as one that renews credentials should: under another name at first.
    private func write(_ accessKey: String, _ secretKey: String) throws {
        let text = "[default]\naws_access_key_id = \(accessKey)\naws_secret_access_key = \(secretKey)\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: files.path("credentials")), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: files.path("credentials"))
    }

    private func run(_ arguments: [String], _ changes: [String: String] = [:]) async throws -> CommandResult {
        var command = Command(GranaryServer.executable, arguments + ["--data", files.path("data")])
        command.environment = [
            "GRANARY_S3_ENDPOINT": "http://127.0.0.1:9", "GRANARY_S3_BUCKET": "files",
            "GRANARY_S3_CREDENTIALS_FILE": files.path("credentials"),
        ].merging(changes) { $1 }
        command.directory = files.path
        return try await command.run()
    }

    @Test func inPlaceOfTheKeys() async throws {
        let alone = try await run(["config"])
        #expect(alone.succeeded && alone.output.contains("s3-credentials-file: "), "\(alone)")
        for key in ["ACCESS_KEY", "SECRET_KEY", "SESSION_TOKEN"] {
            let both = try await run(["config"], ["GRANARY_S3_\(key)": "something"])
            let name = "s3-" + key.lowercased().replacingOccurrences(of: "_", with: "-")
            #expect(both.status == 2, "\(both)")
            #expect(both.errorText.contains("`s3-credentials-file` and `\(name)` are both given"), "\(both)")
        }
    }

    @Test func whatCannotBeUsedStopsTheStart() async throws {
        let flags = ["serve", "--http", "127.0.0.1:0", "--metrics", "off", "--ssh", "off"]
        let missing = try await run(flags)
        #expect(missing.status == 2 && missing.errorText.contains("No such file"), "\(missing)")
        try files.write("credentials", "aws_access_key_id=someone\nsecret=not-for-anybodys-eyes\n")
        let half = try await run(flags)
        #expect(half.status == 2 && half.errorText.contains("it has no aws_secret_access_key"), "\(half)")
        #expect(!half.errorText.contains("not-for-anybodys-eyes"))
    }

    @Test(
        .enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set"),
        arguments: S3Way.allCases
    )
    func isReadAgainWhileTheServerRuns(way: S3Way) async throws {
        let store = try #require(S3TestServer.shared)
        try write(store.accessKey, store.secretKey)
        let story = try await Story.onS3(
            way,
            environment: [
                "GRANARY_S3_ACCESS_KEY": "", "GRANARY_S3_SECRET_KEY": "",
                "GRANARY_S3_CREDENTIALS_FILE": files.path("credentials"),
            ]
        )
        var seed: UInt64 = 0
        func upload() async throws -> Bool {
            seed += 1
            return try await UploadOffer(story, try ObjectSample(size: 10_000, seed: seed)).complete()
        }
        #expect(try await upload())
        // It is looked at before requests, some seconds after the last look.
        try write("SOMEBODYELSE", "wrong")
        let isRefused = try await eventually { try await !upload() }
        #expect(isRefused)
        #expect(story.server.log.contains("credentials were renewed"))
        // A file that is half written is worth nothing.
        try files.write("credentials", "aws_access_key_id=\(store.accessKey)\n")
        #expect(try await !upload())
        try write(store.accessKey, store.secretKey)
        let isBack = try await eventually { try await upload() }
        #expect(isBack)
        #expect(!story.server.log.contains(store.secretKey))
        #expect(try await story.server.stop() == 0)
    }

    @Test(.enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set"))
    func doctorWantsItPrivate() async throws {
        let store = try #require(S3TestServer.shared)
        let server = try await GranaryServer.start()
        #expect(try await server.stop() == 0)
        try write(store.accessKey, store.secretKey)
        func findings() async throws -> String {
            var command = Command(GranaryServer.executable, ["doctor", "--data", server.dataDirectory])
            command.environment = store.environment([
                "GRANARY_S3_ACCESS_KEY": "", "GRANARY_S3_SECRET_KEY": "",
                "GRANARY_S3_CREDENTIALS_FILE": files.path("credentials"),
            ])
            command.directory = server.directory.path
            return try await command.run().output
        }
        let good = try await findings()
        #expect(good.contains("✓ large files: bucket") && !good.contains("credentials file"), "\(good)")
        let path = files.path("credentials")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let open = try await findings()
        #expect(open.contains("✗ credentials file"), "\(open)")
    }
}
