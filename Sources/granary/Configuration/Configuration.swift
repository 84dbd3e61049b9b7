import HubAPI
import SSHD

/// The configuration a command runs with: one checked value per key, and where it came from.
struct Configuration: Sendable {
    /// Where a value came from, highest precedence first.
    enum Source: Sendable, Equatable {
        case flag
        case environment
        case file
        case `default`
    }

    /// The value of one key.
    struct Setting: Sendable {
        /// The key.
        let key: KeyDeclaration
        /// The value as text; acceptable to the key.
        let text: String
        /// Who gave it.
        let source: Source
    }

    /// All settings in the order of `Keys.all`.
    let settings: [Setting]
    private let byName: [String: Setting]

    init(settings: [Setting]) {
        self.settings = settings
        byName = Dictionary(settings.map { ($0.key.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The value of a key.
    ///
    /// - Throws: only for a key that the table `Keys.all` does not list.
    subscript<Value>(_ key: ConfigurationKey<Value>) -> Value {
        get throws(ConfigurationError) {
            guard let setting = byName[key.declaration.name], let value = key.parse(setting.text) else {
                throw ConfigurationError("`\(key.declaration.name)` has no usable value")
            }
            return value
        }
    }

    /// Who gave a key its value.
    func source<Value>(of key: ConfigurationKey<Value>) -> Source { byName[key.declaration.name]?.source ?? .default }

    /// Whether anybody gave the key of that name a value that is not the default.
    func isGiven(_ name: String) -> Bool {
        byName[name].map { $0.source != .default && $0.text != $0.key.defaultText } ?? false
    }

    /// What clients may cost, with the time that they get when the server stops.
    var limits: ServerLimits {
        get throws(ConfigurationError) {
            var limits = ServerLimits()
            limits.http.drainSeconds = Double(try self[Keys.shutdownGraceSeconds])
            limits.ssh.drainSeconds = limits.http.drainSeconds
            for key in LimitKey.all {
                guard let setting = byName[key.declaration.name], key.apply(setting.text, &limits) else {
                    throw ConfigurationError("`\(key.declaration.name)` has no usable value")
                }
            }
            return limits
        }
    }
}
