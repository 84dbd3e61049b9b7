import ArgumentParser
import FoundationEssentials

/// What every command that touches the data takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .named(Keys.data), help: .meaning(of: Keys.data, "dir"))
    var data: String?

    @Option(name: .named(Keys.database), help: .meaning(of: Keys.database, "url"))
    var database: String?

    @Option(name: .named(Keys.objects), help: .meaning(of: Keys.objects, "dir"))
    var objects: String?

    @Option(name: .named(Keys.config), help: .meaning(of: Keys.config, "file"))
    var config: String?

    /// The values given, by key name.
    var flags: [String: String] {
        var flags: [String: String] = [:]
        flags[Keys.data.declaration.name] = data
        flags[Keys.database.declaration.name] = database
        flags[Keys.objects.declaration.name] = objects
        flags[Keys.config.declaration.name] = config
        return flags
    }

    /// The configuration these options lead to.
    func resolve() throws(ConfigurationError) -> Configuration {
        try Configuration(resolving: .ofProcess(flags: flags))
    }

    /// The existing data directory these options lead to.
    func directory() throws -> DataDirectory {
        try DataDirectory(existingFor: resolve())
    }
}

/// What the commands that start, check or describe a server take: a flag for each key.
struct ServerOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions

    @Option(name: .named(Keys.http), help: .meaning(of: Keys.http, "host:port"))
    var http: String?
    @Option(name: .named(Keys.ssh), help: .meaning(of: Keys.ssh, "host:port"))
    var ssh: String?
    @Option(name: .named(Keys.metrics), help: .meaning(of: Keys.metrics, "host:port"))
    var metrics: String?
    @Option(name: .named(Keys.publicURL), help: .meaning(of: Keys.publicURL, "url"))
    var publicURL: String?
    @Option(name: .named(Keys.sshPublicAddress), help: .meaning(of: Keys.sshPublicAddress, "host:port"))
    var sshPublicAddress: String?
    @Option(name: .named(Keys.tlsCertificate), help: .meaning(of: Keys.tlsCertificate, "file"))
    var tlsCertificate: String?
    @Option(name: .named(Keys.tlsKey), help: .meaning(of: Keys.tlsKey, "file"))
    var tlsKey: String?
    @Option(name: .named(Keys.passwordLogin), help: .meaning(of: Keys.passwordLogin, "true|false"))
    var passwordLogin: String?
    @Option(name: .named(Keys.trustForwardedHeaders), help: .meaning(of: Keys.trustForwardedHeaders, "true|false"))
    var trustForwardedHeaders: String?
    @Option(name: .named(Keys.logLevel), help: .meaning(of: Keys.logLevel, "level"))
    var logLevel: String?
    @Option(name: .named(Keys.logFormat), help: .meaning(of: Keys.logFormat, "text|json"))
    var logFormat: String?
    @Option(name: .named(Keys.shutdownGraceSeconds), help: .meaning(of: Keys.shutdownGraceSeconds, "seconds"))
    var shutdownGraceSeconds: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Any key that `granary config` lists; may be repeated.", valueName: "key=value")
    )
    var assignments: [String] = []

    /// The values given, by key name; a flag of its own wins over `--set` of the same key.
    func flags() throws(ConfigurationError) -> [String: String] {
        var flags: [String: String] = [:]
        for assignment in assignments {
            guard let equals = assignment.firstIndex(of: "=") else {
                throw ConfigurationError("--set takes KEY=VALUE, not `\(Printable.text(assignment))`")
            }
            flags[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
        }
        let own: [(KeyDeclaration, String?)] = [
            (Keys.http.declaration, http), (Keys.ssh.declaration, ssh), (Keys.metrics.declaration, metrics),
            (Keys.publicURL.declaration, publicURL), (Keys.sshPublicAddress.declaration, sshPublicAddress),
            (Keys.tlsCertificate.declaration, tlsCertificate), (Keys.tlsKey.declaration, tlsKey),
            (Keys.passwordLogin.declaration, passwordLogin),
            (Keys.trustForwardedHeaders.declaration, trustForwardedHeaders),
            (Keys.logLevel.declaration, logLevel), (Keys.logFormat.declaration, logFormat),
            (Keys.shutdownGraceSeconds.declaration, shutdownGraceSeconds),
        ]
        for case (let key, let value?) in own { flags[key.name] = value }
        return flags.merging(common.flags) { _, common in common }
    }

    /// The configuration these options lead to.
    func resolve() throws(ConfigurationError) -> Configuration {
        try Configuration(resolving: .ofProcess(flags: flags()))
    }
}

extension Configuration.Sources {
    /// These flags and the environment of this process.
    static func ofProcess(flags: [String: String]) -> Self {
        Self(flags: flags, environment: ProcessInfo.processInfo.environment)
    }
}

extension NameSpecification {
    /// The flag of a key.
    static func named<Value>(_ key: ConfigurationKey<Value>) -> NameSpecification { .customLong(key.declaration.name) }
}

extension ArgumentHelp {
    /// The help of a key's flag: its meaning and its default.
    static func meaning<Value>(of key: ConfigurationKey<Value>, _ valueName: String) -> ArgumentHelp {
        let fallback = key.declaration.defaultText
        let suffix = fallback.isEmpty ? "" : " (default: \(fallback))"
        return ArgumentHelp("\(key.declaration.meaning)\(suffix)", valueName: valueName)
    }
}
