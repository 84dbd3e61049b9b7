import ArgumentParser

/// `granary config`.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print every configuration key with its value, where the value came from, and what it means.",
        discussion: """
            A flag wins over an environment variable, that over the file, that over the default. Nothing is started; \
            exit code 2 means that `granary serve` would refuse the configuration.

            Example: granary config --config /etc/granary.yaml --json
            """
    )

    @OptionGroup var options: ServerOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() throws {
        let configuration = try options.resolve()
        let rows = configuration.settings.map(ConfigurationRow.init)
        guard !json else { return Terminal.print(try JSONOutput.text(rows)) }
        Terminal.print(rows.map(\.text).joined(separator: "\n\n"))
    }
}

/// One key as `granary config` prints it.
private struct ConfigurationRow: Encodable {
    let key: String
    let value: JSONScalar
    let source: String
    let `default`: String
    let environment: String
    let flag: String
    let accepts: String
    let meaning: String
    private let isReadable: Bool

    private enum CodingKeys: String, CodingKey {
        case key, value, source, `default`, environment, flag, accepts, meaning
    }

    init(_ setting: Configuration.Setting) {
        let key = setting.key
        self.key = key.name
        value = key.isSecret && !setting.text.isEmpty ? .text("(secret)") : key.scalar(setting.text) ?? .null
        source = setting.source.name
        self.default = key.defaultText
        environment = key.environmentName
        flag = key.flag
        accepts = key.accepts
        meaning = key.meaning
        // What stands in place of a secret must not become one.
        isReadable = key.isAllowedInFile && !(key.isSecret && !setting.text.isEmpty)
    }

    /// A piece of YAML with comments, so that the output can become somebody's configuration file.
    var text: String {
        """
        # \(meaning)
        # Accepts \(accepts). \(environment)\(flag.isEmpty ? "" : ", \(flag)")
        \(isReadable ? "" : "# ")\(key): \(yaml)  # from \(source)
        """
    }

    /// The value as YAML reads it back; in quotes unless it is plainly a word, a number or a path.
    private var yaml: String {
        let shown = value.description
        let isPlain = shown.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard !isPlain || shown.isEmpty || shown.hasPrefix("-") else { return shown }
        let escaped = shown.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }.joined()
        return "\"\(Printable.text(escaped))\""
    }
}

extension Configuration.Source {
    /// The word for people and JSON.
    var name: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file: "file"
        case .default: "default"
        }
    }
}
