import CLibgit2

/// Object ids of objects in memory, by a SHA-1 that detects collision attacks and then fails.
package enum ObjectHasher {
    /// The id of an object of this content and type.
    ///
    /// - Throws: `Libgit2Error`; in practice only when the content is part of a SHA-1 collision attack.
    package static func id(of content: UnsafeRawBufferPointer, type: ObjectType) throws(Libgit2Error) -> ObjectID {
        try Libgit2.start()
        var oid = git_oid()
        // An empty buffer may have no address, which libgit2 does not take.
        let address = content.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
        try Libgit2.check(
            git_odb_hash(&oid, address, content.count, type.libgit2Type),
            while: "hashing a \(type.name)"
        )
        return ObjectID(oid)
    }
}

extension ObjectType {
    /// The same type in libgit2's numbers.
    var libgit2Type: git_object_t {
        switch self {
        case .commit: GIT_OBJECT_COMMIT
        case .tree: GIT_OBJECT_TREE
        case .blob: GIT_OBJECT_BLOB
        case .tag: GIT_OBJECT_TAG
        }
    }
}

extension ObjectID {
    /// Takes over libgit2's form of an id.
    init(_ oid: git_oid) {
        // A git_oid has 20 bytes by its type, so there is always an id in it.
        self = withUnsafeBytes(of: oid.id) { ObjectID(in: $0, at: 0) } ?? .zero
    }
}
