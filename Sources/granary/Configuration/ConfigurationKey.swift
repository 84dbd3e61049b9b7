/// A configuration key with its type: what a use of the key needs.
struct ConfigurationKey<Value: Sendable>: Sendable {
    /// What is known about the key without its type.
    let declaration: KeyDeclaration
    /// The value of a checked text; nil when the text is not one.
    let parse: @Sendable (String) -> Value?

    /// Declares a key.
    ///
    /// - Parameters:
    ///   - name: as in the file: lower-case words with hyphens, groups in front with a dot.
    ///   - format: how its values are read.
    ///   - defaultText: the value when nobody gives one, as it would stand in the file.
    ///   - meaning: one sentence, as `granary config` and `--help` print it.
    init(
        _ name: String,
        _ format: ValueFormat<Value>,
        default defaultText: String,
        flag: KeyDeclaration.Flag = .own,
        inFile: Bool = true,
        isSecret: Bool = false,
        _ meaning: String
    ) {
        let parse = format.parse
        let scalar = format.scalar
        self.parse = parse
        declaration = KeyDeclaration(
            name: name,
            accepts: format.accepts,
            defaultText: defaultText,
            meaning: meaning,
            flagForm: flag,
            isAllowedInFile: inFile,
            isSecret: isSecret,
            scalar: { text in parse(text).map(scalar) }
        )
    }
}

/// A configuration key without the type of its value: what the table, the sources and `granary config` need.
struct KeyDeclaration: Sendable {
    /// Whether the key has a flag of its own on the commands that start or describe a server.
    enum Flag: Sendable {
        /// `--name VALUE`.
        case own
        /// `--set name=VALUE`.
        case set
        /// None: the command line of a process can be read by everybody on the machine.
        case none
    }

    /// The name in the file, with dots between groups.
    let name: String
    /// The end of the sentence "accepts …".
    let accepts: String
    /// The value when no source gives one.
    let defaultText: String
    /// One sentence.
    let meaning: String
    /// How the command line names it.
    let flagForm: Flag
    /// False for the key that says where the file is.
    let isAllowedInFile: Bool
    /// Values of secret keys are never printed.
    let isSecret: Bool
    /// The checked value for printing; nil when the text is not acceptable.
    let scalar: @Sendable (String) -> JSONScalar?

    /// The environment variable: `limits.pack-bytes` is `GRANARY_LIMITS_PACK_BYTES`.
    var environmentName: String {
        Self.environmentPrefix + String(name.uppercased().map { $0 == "." || $0 == "-" ? "_" : $0 })
    }

    /// The flag as one types it, without the value; empty when there is none.
    var flag: String {
        switch flagForm {
        case .own: "--\(name)"
        case .set: "--set \(name)="
        case .none: ""
        }
    }

    /// What all environment variables of the program start with.
    static let environmentPrefix = "GRANARY_"
}
