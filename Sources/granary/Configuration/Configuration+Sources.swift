extension Configuration {
    /// What the person and the system gave, before checking.
    struct Sources: Sendable {
        /// Values of flags, by key name.
        var flags: [String: String]
        /// The process environment, whole; only names that start with `GRANARY_` are looked at.
        var environment: [String: String]
    }

    /// Puts flags over environment over file over defaults, and checks every value that was given, used or not.
    ///
    /// - Throws: `ConfigurationError` with all problems.
    init(resolving sources: Sources) throws(ConfigurationError) {
        var problems = Self.unknownEnvironmentProblems(sources.environment)
        problems += Self.unknownFlagProblems(sources.flags)
        let file = try Self.file(of: sources)
        if let file { problems += Self.unknownFileProblems(file) }
        let fromFile = Dictionary(
            file?.entries.map { ($0.name, $0.value) } ?? [],
            uniquingKeysWith: { first, _ in first }
        )

        var settings: [Setting] = []
        for key in Keys.all {
            let environment = sources.environment[key.environmentName]
            let candidates: [(text: String?, source: Source, place: String)] = [
                (sources.flags[key.name], .flag, "on the command line"),
                (environment, .environment, "in the environment variable \(key.environmentName)"),
                (key.isAllowedInFile ? fromFile[key.name] : nil, .file, "in \(file?.path ?? "the file")"),
                (key.defaultText, .default, "as the default"),
            ]
            let given = candidates.compactMap { candidate in
                candidate.text.map { (text: $0, source: candidate.source, place: candidate.place) }
            }
            problems += given.filter { key.scalar($0.text) == nil }
                .map { ConfigurationError.invalidValue($0.text, of: key, place: $0.place) }
            if let first = given.first { settings.append(Setting(key: key, text: first.text, source: first.source)) }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        self.init(settings: settings)
        try checkTogether()
    }

    private static func file(of sources: Sources) throws(ConfigurationError) -> ConfigurationFile? {
        let key = Keys.config.declaration
        let path = sources.flags[key.name] ?? sources.environment[key.environmentName] ?? ""
        return path.isEmpty ? nil : try ConfigurationFile(reading: path)
    }

    /// Rules about more than one key.
    private func checkTogether() throws(ConfigurationError) {
        var problems: [String] = []
        let (certificate, key) = (try self[Keys.tlsCertificate], try self[Keys.tlsKey])
        if (certificate == nil) != (key == nil) {
            let (given, missing) =
                certificate == nil ? (Keys.tlsKey, Keys.tlsCertificate) : (Keys.tlsCertificate, Keys.tlsKey)
            problems.append(
                "`\(given.declaration.name)` is given without `\(missing.declaration.name)`; HTTPS needs both"
            )
        }
        problems += try S3Settings.problems(of: self) + databaseProblems()
        guard problems.isEmpty else { throw ConfigurationError(problems) }
    }

    private static func unknownFlagProblems(_ flags: [String: String]) -> [String] {
        let known = Keys.all.filter { $0.flagForm != .none }.map(\.name)
        return flags.sorted { $0.key < $1.key }.filter { !known.contains($0.key) }.map { name, value in
            if let key = Keys.declaration(named: name) { return ConfigurationError.notOnTheCommandLine(key) }
            return ConfigurationError.unknownKey(name, value: value, place: "after --set", known: known)
        }
    }

    private static func unknownFileProblems(_ file: ConfigurationFile) -> [String] {
        let known = Keys.all.filter(\.isAllowedInFile).map(\.name)
        return file.entries.filter { !known.contains($0.name) }.map { name, value in
            ConfigurationError.unknownKey(name, value: value, place: "in \(file.path)", known: known)
        }
    }

    private static func unknownEnvironmentProblems(_ environment: [String: String]) -> [String] {
        let known = Keys.all.map(\.environmentName)
        return environment.sorted { $0.key < $1.key }
            .filter { $0.key.hasPrefix(KeyDeclaration.environmentPrefix) && !known.contains($0.key) }
            .filter { !isServiceLink($0.key, value: $0.value) }
            .map { name, value in
                ConfigurationError.unknownKey(name, value: value, place: "in the environment", known: known)
            }
    }

    /// Whether Kubernetes made the variable: it describes every service to every pod, and one named "granary" gives
    /// `GRANARY_SERVICE_HOST`, `GRANARY_PORT=tcp://…` and their like.
    private static func isServiceLink(_ name: String, value: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") { return true }
        if name.contains("_PORT_"), name.contains("_TCP") || name.contains("_UDP") { return true }
        return name.hasSuffix("_PORT") && (value.hasPrefix("tcp://") || value.hasPrefix("udp://"))
    }
}
