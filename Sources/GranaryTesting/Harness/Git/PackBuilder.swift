package import GitCore

/// Builds a small pack by hand.
package struct PackBuilder {
    private let draft = PackDraft(spoolingIn: "/tmp")

    /// A pack without objects.
    package init() {}

    /// Adds an object; its id.
    package mutating func add(_ type: ObjectType, _ content: [UInt8]) throws -> ObjectID {
        try draft.add(type, content)
    }

    /// The whole pack with header and trailer.
    package func finish() throws -> [UInt8] {
        var pack: [UInt8] = []
        try PackDraft.write([draft]) { pack.append(contentsOf: $0) }
        return pack
    }
}
