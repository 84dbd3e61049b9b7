import Metadata

/// The statements that a connection has prepared.
///
/// A parameter that was null so far has a type that the server guessed; with the first value the statement is prepared anew.
struct PreparedStatements {
    /// One of them.
    struct Entry {
        /// What the server calls it.
        let name: String
        /// The declared types of its parameters.
        let types: [ParameterType]
        /// The names of the columns of its answers, once there was one.
        var columns: [String]?

        fileprivate func accepts(_ parameters: [SQLValue]) -> Bool {
            guard parameters.count == types.count else { return false }
            return zip(parameters, types).allSatisfy { $0 == .null || ParameterType($0) == $1 }
        }
    }

    private var entries: [String: Entry] = [:]
    private var count = 0
    /// Texts are constant, so there are some hundreds; more would be a mistake that must not cost the server's memory.
    private static let limit = 1_000

    /// Whether all should go before another comes.
    var isFull: Bool { entries.count >= Self.limit }

    /// The statement, when it is there and takes such values.
    func entry(_ sql: String, for parameters: [SQLValue]) -> Entry? {
        guard let entry = entries[sql], entry.accepts(parameters) else { return nil }
        return entry
    }

    /// A statement to be prepared.
    /// - Returns: it, and the name of one with the same text that it replaces.
    /// - Throws: `MetadataError.failed` when there are not as many values as the text names.
    mutating func newEntry(_ sql: String, for parameters: [SQLValue]) throws(MetadataError) -> (
        Entry, replaces: String?
    ) {
        let highest = ParameterOrder(of: sql).highest
        guard highest == parameters.count else {
            throw .failed("\(parameters.count) parameters for a statement with \(highest): \(sql)")
        }
        let old = entries.removeValue(forKey: sql)
        var types = parameters.map(ParameterType.init)
        for (index, known) in (old?.types ?? []).enumerated() where index < types.count && types[index] == .unknown {
            types[index] = known
        }
        count += 1
        return (Entry(name: "s\(count)", types: types), old?.name)
    }

    /// Keeps a statement that the server knows now.
    mutating func keep(_ entry: Entry, of sql: String) {
        entries[sql] = entry
    }

    /// Keeps the names of a statement's columns.
    mutating func note(columns: [String], of sql: String) {
        entries[sql]?.columns = columns
    }
}
