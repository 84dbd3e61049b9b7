import Yams

/// The YAML configuration file, read into flat names: `limits: {pack-bytes: 1GiB}` is `limits.pack-bytes`.
struct ConfigurationFile: Sendable {
    /// The path as given.
    let path: String
    /// Values by flat name, in the order of the file.
    let entries: [(name: String, value: String)]

    /// A file larger than this is not one of ours.
    static let maximumBytes = 1 << 20
    private static let maximumDepth = 8
    private static let maximumEntries = 1_000

    /// Reads and flattens the file.
    ///
    /// - Throws: `ConfigurationError` when the file cannot be read, is too large, is not YAML, holds a list, or says one
    ///   key twice.
    init(reading path: String) throws(ConfigurationError) {
        self.path = path
        let text: String
        do {
            text = try BoundedFile.readText(path, limit: Self.maximumBytes)
        } catch {
            throw ConfigurationError("cannot read the configuration file \(path): \(error)")
        }
        entries = try Self.flatten(yaml: text, path: path)
    }

    private static func flatten(yaml: String, path: String) throws(ConfigurationError) -> [(
        name: String, value: String
    )] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw ConfigurationError("\(path) is not usable YAML: \(Printable.text("\(error)"))")
        }
        // A file of comments has no root, or an empty one.
        guard let root, root.null == nil else { return [] }
        guard let mapping = root.mapping else { throw ConfigurationError("\(path) must be a YAML mapping") }
        var entries: [(name: String, value: String)] = []
        var seen: Set<String> = []
        try append(mapping, prefix: "", depth: 1, to: &entries, path: path)
        for entry in entries where !seen.insert(entry.name).inserted {
            throw ConfigurationError("`\(Printable.text(entry.name))` stands twice in \(path)")
        }
        return entries
    }

    private static func append(
        _ mapping: Node.Mapping,
        prefix: String,
        depth: Int,
        to entries: inout [(name: String, value: String)],
        path: String
    ) throws(ConfigurationError) {
        for (keyNode, node) in mapping {
            guard let key = keyNode.scalar?.string else { throw ConfigurationError("a key in \(path) is not a word") }
            let name = prefix + key
            // Aliases could make a small file large; the bounds keep that harmless.
            guard depth <= maximumDepth, entries.count < maximumEntries else {
                throw ConfigurationError("\(path) has too many keys or levels, at `\(Printable.text(name))`")
            }
            if let inner = node.mapping {
                try append(inner, prefix: name + ".", depth: depth + 1, to: &entries, path: path)
            } else if let scalar = node.scalar {
                entries.append((name, node.null == nil ? scalar.string : ""))
            } else {
                throw ConfigurationError("`\(Printable.text(name))` in \(path) must be a single value, not a list")
            }
        }
    }
}
