import Foundation
import GranaryTesting
import Testing

@Suite("An S3 store is configured", .serialized, .ownServers)
struct S3Configuration {
    private static let secret = "not-for-anybodys-eyes"

    private func granary(_ arguments: [String], _ environment: [String: String]) async throws -> CommandResult {
        let files = try TemporaryDirectory("s3-configuration")
        var command = Command(GranaryServer.executable, arguments + ["--data", files.path("data")])
        command.environment = environment
        command.directory = files.path
        let result = try await command.run()
        #expect(!result.output.contains(Self.secret) && !result.errorText.contains(Self.secret), "a secret is shown")
        return result
    }

    private let complete = [
        "GRANARY_S3_ENDPOINT": "http://127.0.0.1:9", "GRANARY_S3_BUCKET": "files", "GRANARY_S3_ACCESS_KEY": "someone",
        "GRANARY_S3_SECRET_KEY": S3Configuration.secret,
    ]

    @Test(
        arguments: [
            (["GRANARY_S3_BUCKET": ""], ["without `s3-bucket`"]),
            (["GRANARY_S3_SECRET_KEY": ""], ["without `s3-secret-key`", "set GRANARY_S3_SECRET_KEY"]),
            (["GRANARY_S3_BUCKET": "", "GRANARY_S3_ACCESS_KEY": ""], ["`s3-bucket`", "`s3-access-key`"]),
            (["GRANARY_S3_ENDPOINT": ""], ["`s3-bucket` is given without `s3-endpoint`", "`s3-secret-key`"]),
            (["GRANARY_S3_ENDPOINT": "ftp://x"], ["invalid value `ftp://x`", "http:// or https://"]),
            (["GRANARY_S3_ENDPOINT": "https://x/path"], ["invalid value"]),
            (["GRANARY_S3_BUCKET": "a b"], ["invalid value `a b`"]),
            (["GRANARY_S3_SECRET_KEY": "not-for-anybodys-eyes\n"], ["invalid value (secret)"]),
            (["GRANARY_S3_SECRET_KAY": "not-for-anybodys-eyes"], ["did you mean `GRANARY_S3_SECRET_KEY`"]),
            (["GRANARY_S3_MODE": "both"], ["one of direct, proxy"]),
            (["GRANARY_S3_ADDRESS_STYLE": "virtual-host"], ["one of path, virtual"]),
            (["GRANARY_OBJECTS": "/tmp/x"], ["`objects` and `s3-endpoint` are both given"]),
        ] as [([String: String], [String])]
    )
    func whatDoesNotFitIsRefused(changes: [String: String], words: [String]) async throws {
        let result = try await granary(["config"], complete.merging(changes) { $1 })
        #expect(result.status == 2, "\(result)")
        for word in words { #expect(result.errorText.contains(word), "\(word): \(result)") }
    }

    @Test func secretsComeFromTheEnvironmentOrTheFile() async throws {
        for arguments in [["config"], ["config", "--json"]] {
            let result = try await granary(arguments, complete)
            #expect(result.succeeded && result.output.contains("(secret)"), "\(result)")
        }
        let flag = try await granary(["config", "--set", "s3-secret-key=\(Self.secret)"], complete)
        #expect(flag.status == 2 && flag.errorText.contains("GRANARY_S3_SECRET_KEY"), "\(flag)")
        let files = try TemporaryDirectory("s3-file")
        let file = try files.write(
            "granary.yaml",
            """
            s3-endpoint: http://127.0.0.1:9
            s3-bucket: files
            s3-access-key: someone
            s3-secret-key: \(Self.secret)
            """
        )
        let result = try await granary(["config", "--config", file], [:])
        #expect(result.succeeded && result.output.contains("# s3-secret-key: \"(secret)\"  # from file"), "\(result)")
    }

    @Test func aStoreThatIsAwayStopsTheStart() async throws {
        let result = try await granary(
            ["serve", "--http", "127.0.0.1:0", "--metrics", "off", "--ssh", "off"],
            complete
        )
        #expect(result.status == 1 && !result.timedOut, "\(result)")
        for word in ["large files cannot be kept in bucket files at http://127.0.0.1:9", "check s3-endpoint"] {
            #expect(result.errorText.contains(word), "\(word): \(result)")
        }
    }

    @Test(.enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set"))
    func aStoreThatRefusesStopsTheStart() async throws {
        let store = try #require(S3TestServer.shared)
        let flags = ["serve", "--http", "127.0.0.1:0", "--metrics", "off", "--ssh", "off"]
        for change in [["GRANARY_S3_SECRET_KEY": Self.secret], ["GRANARY_S3_BUCKET": "no-such-bucket"]] {
            let result = try await granary(flags, store.environment(change))
            #expect(result.status == 1 && !result.timedOut, "\(result)")
            #expect(result.errorText.contains("check s3-bucket"), "\(result)")
        }
    }

    @Test(.enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set"))
    func doctorLooksAtTheStore() async throws {
        let store = try #require(S3TestServer.shared)
        let server = try await GranaryServer.start(environment: store.environment())
        #expect(server.log.contains("large files are in an S3 store"))
        #expect(try await server.stop() == 0)
        func findings(_ environment: [String: String]) async throws -> String {
            var command = Command(GranaryServer.executable, ["doctor", "--data", server.dataDirectory])
            command.environment = environment
            command.directory = server.directory.path
            return try await command.run().output
        }
        let good = try await findings(store.environment())
        #expect(good.contains("✓ large files: bucket"), "\(good)")
        let wrong = try await findings(store.environment(["GRANARY_S3_SECRET_KEY": Self.secret]))
        #expect(wrong.contains("✗ large files") && !wrong.contains(Self.secret), "\(wrong)")
        let open = try await findings(store.environment(["GRANARY_PUBLIC_URL": "https://hub.example.org"]))
        #expect(open.contains("! links to large files"), "\(open)")
        let files = try await findings([:])
        #expect(files.contains("✓ large files:"), "\(files)")
    }

    /// What clients reach may have another name than what the server reaches.
    @Test(.enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set"))
    func linksLeadToThePublicEndpoint() async throws {
        let changes = [
            "GRANARY_S3_PUBLIC_ENDPOINT": "https://files.example.org", "GRANARY_S3_ADDRESS_STYLE": "path",
        ]
        let story = try await Story.onS3(environment: changes)
        let offer = try await UploadOffer(story, try ObjectSample(size: 100, seed: 331))
        #expect(offer.upload.href.hasPrefix("https://files.example.org/"), "the link leads elsewhere")
        #expect(offer.verify.href.hasPrefix(story.server.base))
        #expect(try await story.server.stop() == 0)
    }
}
