import OpenSSLKit

/// A git object made by hand, well-formed or not.
package struct GitObject: Sendable {
    /// commit, tree, blob or tag.
    package let kind: Kind
    /// The bytes after the header.
    package let content: [UInt8]

    /// The types with their numbers in packs.
    package enum Kind: UInt8, Sendable {
        case commit = 1, tree, blob, tag

        /// The word in the object header.
        package var word: String {
            switch self {
            case .commit: "commit"
            case .tree: "tree"
            case .blob: "blob"
            case .tag: "tag"
            }
        }
    }

    /// An object of any bytes.
    package init(_ kind: Kind, _ content: [UInt8]) {
        self.kind = kind
        self.content = content
    }

    /// An object with textual content.
    package init(_ kind: Kind, _ content: String) {
        self.init(kind, Array(content.utf8))
    }

    /// The twenty bytes of the id.
    package var id: [UInt8] {
        get throws {
            try sha1(Array("\(kind.word) \(content.count)\0".utf8) + content)
        }
    }

    /// The id in 40 hex digits.
    package var hex: String {
        get throws { Hex.encode(try id) }
    }

    /// A tree with its entries exactly in the given order.
    package static func tree(_ entries: [(mode: String, name: [UInt8], id: [UInt8])]) -> GitObject {
        var content: [UInt8] = []
        for entry in entries {
            content += Array("\(entry.mode) ".utf8)
            content += entry.name
            content.append(0)
            content += entry.id
        }
        return GitObject(.tree, content)
    }

    /// A tree with one entry.
    package static func tree(_ mode: String, _ name: String, _ id: [UInt8]) -> GitObject {
        tree([(mode, Array(name.utf8), id)])
    }

    /// An annotated tag.
    package static func annotatedTag(of target: String, type: String) -> GitObject {
        GitObject(.tag, "object \(target)\ntype \(type)\ntag t\ntagger a <a@b> 1700000000 +0000\n\nmade by hand\n")
    }

    /// A well-formed commit.
    ///
    /// - Parameters:
    ///   - tree: the id of the tree, 40 hex digits.
    ///   - parents: ids of the parents.
    ///   - message: the text.
    package static func commit(tree: String, parents: [String] = [], message: String = "made by hand") -> GitObject {
        let person = "A U Thor <author@example.com> 1700000000 +0000"
        let lines = ["tree \(tree)"] + parents.map { "parent \($0)" } + ["author \(person)", "committer \(person)"]
        return GitObject(.commit, lines.joined(separator: "\n") + "\n\n\(message)\n")
    }
}

/// The SHA-1 of some bytes.
func sha1(_ bytes: [UInt8]) throws -> [UInt8] {
    let digest = try SHA1Stream()
    try bytes.withUnsafeBytes { try digest.update($0) }
    return try digest.finalize()
}
