/// The attributes that the `.gitattributes` files from the root to a directory give to the directory's entries.
package struct AttributeStack {
    private struct Level {
        /// Bytes of a path up to this directory, the slash included.
        var pathBytes: Int
        var file: AttributesFile
    }

    private let names: Set<String>
    private var levels: [Level] = []
    private var macros = ["binary": AttributesFile.binary]

    /// - Parameter names: the attributes that are asked for.
    package init(_ names: Set<String>) {
        self.names = names
    }

    /// Whether no file says anything.
    var isEmpty: Bool { levels.isEmpty }

    /// Takes the file of a directory that the walk enters.
    ///
    /// - Parameter pathBytes: bytes of the paths of the directory's entries in front of their names.
    package mutating func push(_ bytes: [UInt8], pathBytes: Int) {
        let isRoot = pathBytes == 0
        var file = AttributesFile(parsing: bytes, isRoot: isRoot)
        macros.merge(file.macros) { $1 }
        file.keep(names, macros)
        if !file.rules.isEmpty { levels.append(Level(pathBytes: pathBytes, file: file)) }
    }

    /// Forgets the files of directories that the walk has left.
    ///
    /// - Parameter pathBytes: what was given for the directory that was left.
    mutating func pop(pathBytes: Int) {
        while let last = levels.last, last.pathBytes >= pathBytes { levels.removeLast() }
    }

    /// What is known of a path.
    ///
    /// - Parameters:
    ///   - path: from the root; no slash at the end.
    ///   - nameStart: where its last component starts.
    ///   - isDirectory: whether it is a directory or a submodule.
    package func attributes(of path: [UInt8], nameStart: Int, isDirectory: Bool) -> [String: AttributesFile.State] {
        var states: [String: AttributesFile.State] = [:]
        for level in levels.reversed() {
            for rule in level.file.rules.reversed() {
                guard rule.matches(path[level.pathBytes...], name: path[nameStart...], isDirectory: isDirectory) else {
                    continue
                }
                fill(rule.assignments, &states, depth: 0)
            }
        }
        return states
    }

    /// Notes what is not known yet; a macro that is set stands for its attributes.
    private func fill(
        _ assignments: [AttributesFile.Assignment],
        _ states: inout [String: AttributesFile.State],
        depth: Int
    ) {
        for assignment in assignments.reversed() where states[assignment.name] == nil {
            states[assignment.name] = assignment.state
            guard assignment.state == .set, depth < Self.macroDepth, let macro = macros[assignment.name] else {
                continue
            }
            fill(macro, &states, depth: depth + 1)
        }
    }

    /// Macros inside macros; each is noted once, so this only bounds the recursion.
    private static let macroDepth = 16
}
