import Foundation
import GranaryTesting
import Testing

@Suite("Configuration from flags, environment and file", .serialized, .ownServers)
struct ConfigurationSources {
    private func granary(_ arguments: [String], environment: [String: String] = [:]) async throws -> CommandResult {
        let files = try TemporaryDirectory("config")
        var command = Command(GranaryServer.executable, arguments)
        command.environment = environment
        command.directory = files.path
        command.timeout = .seconds(20)
        return try await command.run()
    }

    private func value(_ key: String, _ result: CommandResult) throws -> (value: String, source: String) {
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(result.standardOutput)) as? [[String: Any]])
        let row = try #require(rows.first { $0["key"] as? String == key })
        return ("\(row["value"] ?? "")", "\(row["source"] ?? "")")
    }

    @Test func aFlagWinsOverTheEnvironmentOverTheFileOverTheDefault() async throws {
        let files = try TemporaryDirectory("config")
        let file = try files.write("granary.yaml", "http: 127.0.0.1:1003\nlimits:\n  push-options: 7\n")
        let flags = ["config", "--json", "--config", file]
        let environment = ["GRANARY_HTTP": "127.0.0.1:1002"]
        let all = try await granary(flags + ["--http", "127.0.0.1:1001"], environment: environment).required()
        #expect(try value("http", all) == ("127.0.0.1:1001", "flag"))
        let two = try await granary(flags, environment: environment).required()
        #expect(try value("http", two) == ("127.0.0.1:1002", "environment"))
        let one = try await granary(flags).required()
        #expect(try value("http", one) == ("127.0.0.1:1003", "file"))
        #expect(try value("limits.push-options", one) == ("7", "file"))
        let none = try await granary(["config", "--json"]).required()
        #expect(try value("http", none) == ("127.0.0.1:8080", "default"))
        #expect(try value("data", none).value == "./granary-data")
        for key in ["public-url", "metrics", "tls-certificate", "tls-key", "log-level"] { _ = try value(key, none) }
    }

    @Test func unknownAndInvalidKeysStopTheStart() async throws {
        let files = try TemporaryDirectory("config")
        let data = ["--data", files.path("data")]
        for (yaml, words) in [
            ("htpt: 127.0.0.1:1\n", ["htpt", "127.0.0.1:1"]), ("http: nowhere\n", ["http", "nowhere", "accepts"]),
            ("log-level: loud\n", ["log-level", "loud"]),
            ("limits: {pack-bytes: many}\n", ["limits.pack-bytes", "many"]),
            ("http: [1, 2]\n", ["http"]), (": :\n  - broken", ["granary.yaml"]),
        ] {
            let file = try files.write("granary.yaml", yaml)
            let result = try await granary(["serve", "--config", file] + data)
            #expect(result.status == 2 && !result.timedOut, "\(result)")
            for word in words { #expect(result.errorText.contains(word), "\(word): \(result)") }
        }
        for (name, value) in [("GRANARY_HTTP", "nowhere"), ("GRANARY_NONSENSE", "1")] {
            let result = try await granary(["serve"] + data, environment: [name: value])
            #expect(result.status == 2 && result.errorText.contains(value), "\(result)")
        }
        let flag = try await granary(["serve", "--http", "x:y:z"] + data)
        #expect(flag.status == 2 && flag.errorText.contains("x:y:z"), "\(flag)")
        let missing = try await granary(["serve", "--config", "/nonexistent.yaml"] + data)
        #expect(missing.status == 2, "\(missing)")
        #expect(!FileManager.default.fileExists(atPath: files.path("data")), "nothing is made by a refused start")
    }

    @Test func limitsFromTheFileAreObeyed() async throws {
        let files = try TemporaryDirectory("config")
        let file = try files.write("granary.yaml", "limits:\n  pack-bytes: 1MiB\n  push-options: 2\n")
        let server = try await GranaryServer.start(["--config", file])
        let alice = try await server.addPerson("alice")
        let repository = try await server.addRepository("model", "alice", "small")
        let story = Story(server: server, owner: alice, repository: repository)
        let work = try await story.seeded()
        let refs = try await story.remoteRefs()
        #expect(
            try await work.attempt("push", "-o", "1", "-o", "2", "-o", "3", "origin", "main:refs/heads/x").status != 0
        )
        var random = SeededRandom(111)
        try work.write("large.bin", random.bytes(2 << 20))
        try await work.commit("too large")
        let result = try await work.attempt("push", "origin", "main")
        #expect(!result.succeeded, "\(result)")
        try await story.expectUnchanged(since: refs)
        #expect(try await server.stop() == 0)
    }

    @Test func aFirstStartMakesPrivateFiles() async throws {
        let server = try await GranaryServer.start()
        let files = FileManager.default
        func mode(_ path: String) throws -> Int {
            let mode = try files.attributesOfItem(atPath: server.dataDirectory + path)[.posixPermissions] as? Int
            return try #require(mode)
        }
        #expect(try mode("") == 0o700 && mode("/secrets") == 0o700)
        #expect(try mode("/granary.sqlite") == 0o600)
        for name in try files.contentsOfDirectory(atPath: server.dataDirectory + "/secrets") {
            #expect(try mode("/secrets/\(name)") == 0o600, "\(name)")
        }
        #expect(server.announcements.contains("gra_"), "\(server.announcements)")
        #expect(try await server.stop() == 0)
    }

    @Test func aPublicURLIsUsedInAnswers() async throws {
        let server = try await GranaryServer.start(["--public-url", "https://hub.example.com"])
        let alice = try await server.addPerson("alice")
        let created = try await server.curl.json("POST", "/api/repos/create", ["name": "x"], token: alice.secret)
        #expect(created.json["url"] as? String == "https://hub.example.com/alice/x", "\(created)")
        #expect(try await server.stop() == 0)
    }
}
