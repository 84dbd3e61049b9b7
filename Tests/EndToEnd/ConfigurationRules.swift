import Foundation
import GranaryTesting
import Testing

@Suite("Flags, environment and file become one configuration")
struct ConfigurationRules {
    /// One key as `granary config --json` prints it.
    struct Row: Decodable {
        let key: String
        let value: Value
        let source: String
        let environment: String
        let flag: String
        let accepts: String
        let meaning: String
    }

    /// A value of a key, whatever its type, as text.
    struct Value: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = ""
            } else if let flag = try? container.decode(Bool.self) {
                text = "\(flag)"
            } else if let number = try? container.decode(Int64.self) {
                text = "\(number)"
            } else {
                text = try container.decode(String.self)
            }
        }
    }

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("configuration") }

    private func granary(
        _ arguments: [String],
        environment: [String: String] = [:],
        file: String? = nil
    ) async throws -> CommandResult {
        var command = Command(GranaryServer.executable, arguments)
        if let file { command.arguments += ["--config", try directory.write("granary.yaml", file)] }
        command.environment = environment
        command.directory = directory.path
        return try await command.run()
    }

    private func rows(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        file: String? = nil
    ) async throws -> [String: Row] {
        let result = try await granary(["config", "--json"] + arguments, environment: environment, file: file)
            .required()
        let rows = try JSONDecoder().decode([Row].self, from: Data(result.standardOutput))
        return Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func everyKeyIsDescribed() async throws {
        let rows = try await rows()
        for key in ["data", "http", "metrics", "public-url", "tls-certificate", "log-level", "limits.pack-bytes"] {
            #expect(rows[key] != nil, "\(key)")
        }
        for row in rows.values {
            let words = row.key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
            #expect(row.environment == "GRANARY_" + words)
            // Secrets have none: everybody on the machine could read them.
            let isSecret = ["s3-access-key", "s3-secret-key", "s3-session-token"].contains(row.key)
            #expect(isSecret ? row.flag.isEmpty : ["--\(row.key)", "--set \(row.key)="].contains(row.flag))
            #expect(row.source == "default")
            #expect(!row.accepts.isEmpty && row.meaning.hasSuffix("."), "\(row.key)")
        }
        #expect(rows["http"]?.value.text == "127.0.0.1:8080")
        #expect(rows["metrics"]?.value.text == "127.0.0.1:9090")
    }

    @Test(
        arguments: [
            ([], [:], "127.0.0.1:1", "file"),
            ([], ["GRANARY_HTTP": "127.0.0.1:2"], "127.0.0.1:2", "environment"),
            (["--http", "127.0.0.1:3"], ["GRANARY_HTTP": "127.0.0.1:2"], "127.0.0.1:3", "flag"),
            (["--set", "http=127.0.0.1:4"], ["GRANARY_HTTP": "127.0.0.1:2"], "127.0.0.1:4", "flag"),
            (["--set", "http=127.0.0.1:4", "--http", "127.0.0.1:3"], [:], "127.0.0.1:3", "flag"),
        ] as [([String], [String: String], String, String)]
    )
    func flagsWinOverEnvironmentOverFile(
        flags: [String],
        environment: [String: String],
        value: String,
        source: String
    ) async throws {
        let row = try await rows(flags, environment: environment, file: "http: 127.0.0.1:1\n")["http"]
        #expect(row?.value.text == value)
        #expect(row?.source == source)
    }

    @Test(
        arguments: [
            ("limits: {pack-bytes: 1GiB}", "limits.pack-bytes", "1073741824"),
            ("limits.pack-bytes: 4096", "limits.pack-bytes", "4096"),
            ("metrics: off", "metrics", "off"),
            ("http: \"[::1]:80\"", "http", "[::1]:80"),
            ("public-url: https://Hub.example.org/granary/", "public-url", "https://hub.example.org/granary"),
            ("public-url:", "public-url", ""),
            ("password-login: false", "password-login", "false"),
            ("# nothing", "log-format", "text"),
            ("", "log-format", "text"),
        ]
    )
    func readsTheFile(text: String, key: String, value: String) async throws {
        #expect(try await rows(file: text + "\n")[key]?.value.text == value)
    }

    @Test(
        arguments: [
            ("htpp: 127.0.0.1:1", "unknown key `htpp`", "did you mean `http`?"),
            ("limits: {pack_bytes: 1}", "unknown key `limits.pack_bytes`", "did you mean `limits.pack-bytes`?"),
            ("config: other.yaml", "unknown key `config`", "granary config"),
            ("http: 127.0.0.1", "invalid value `127.0.0.1` for `http`", "accepts HOST:PORT"),
            ("http: 127.0.0.1:65536", "invalid value", "accepts HOST:PORT"),
            ("log-level: loud", "invalid value `loud` for `log-level`", "trace, debug, info"),
            ("password-login: yes", "invalid value `yes`", "accepts true or false"),
            ("public-url: https://user@hub.example.org", "invalid value", "http:// or https://"),
            ("public-url: https://hub.example.org?a=b", "invalid value", "http:// or https://"),
            ("shutdown-grace-seconds: -1", "invalid value", "from 0 to 3600"),
            ("limits: {pack-bytes: 99999999999GiB}", "invalid value", "accepts bytes from"),
            ("tls-key: key.pem", "`tls-key` is given without `tls-certificate`", "HTTPS needs both"),
            ("http: 127.0.0.1:1\nhttp: 127.0.0.1:2", "not usable YAML", "http"),
            ("limits.refs: 1\nlimits: {refs: 2}", "`limits.refs` stands twice", "granary.yaml"),
            ("http: [1, 2]", "`http`", "not a list"),
            ("- http", "must be a YAML mapping", "granary.yaml"),
            ("a: 1\n---\nb: 1", "not usable YAML", "document"),
            ("\t{", "not usable YAML", "granary.yaml"),
        ]
    )
    func refusesWhatItCannotUse(text: String, problem: String, advice: String) async throws {
        let result = try await granary(["config"], file: text + "\n")
        #expect(result.status == 2)
        #expect(result.errorText.contains(problem) && result.errorText.contains(advice), "\(result)")
        #expect(result.output.isEmpty)
    }

    @Test func reportsAllProblemsAtOnce() async throws {
        let result = try await granary(
            ["config", "--metrics", "nowhere", "--set", "nope=1"],
            environment: ["GRANARY_DATTA": "x", "GRANARY_LOG_LEVEL": "loud"],
            file: "htpp: x\n"
        )
        #expect(result.status == 2)
        for part in ["`metrics` on the command line", "`nope`", "`GRANARY_DATTA`", "GRANARY_LOG_LEVEL", "`htpp`"] {
            #expect(result.errorText.contains(part), "\(part): \(result)")
        }
    }

    @Test func checksValuesThatAnotherSourceOverrides() async throws {
        let result = try await granary(["config", "--http", "127.0.0.1:1"], file: "http: nonsense\n")
        #expect(result.status == 2)
    }

    @Test func toleratesTheVariablesThatKubernetesMakes() async throws {
        let environment = [
            "GRANARY_SERVICE_HOST": "10.0.0.1", "GRANARY_SERVICE_PORT_HTTP": "80", "GRANARY_PORT": "tcp://10.0.0.1:80",
            "GRANARY_PORT_80_TCP_ADDR": "10.0.0.1",
        ]
        #expect(try await granary(["config"], environment: environment).succeeded)
    }

    @Test func boundsTheFile() async throws {
        let result = try await granary(["config"], file: String(repeating: "# filler\n", count: 150_000))
        #expect(result.status == 2)
        #expect(result.errorText.contains("larger than 1MiB"))
    }

    @Test func printsAFileThatItReads() async throws {
        let printed = try await granary(["config", "--http", "[::1]:81", "--metrics", "off"]).required()
        let again = try await rows(file: String(decoding: printed.standardOutput, as: UTF8.self))
        #expect(again["http"]?.value.text == "[::1]:81")
        #expect(again["metrics"]?.value.text == "off")
        #expect(again["data"]?.source == "file")
    }

    @Test func stopsTheServerBeforeItTouchesAnything() async throws {
        let data = directory.path("data")
        let result = try await granary(["serve", "--data", data], file: "htpp: x\n")
        #expect(result.status == 2)
        #expect(!FileManager.default.fileExists(atPath: data))
    }
}
