/// What a space is given to run with, by a name.
package struct SpaceValueRecord: Sendable, Equatable {
    /// Who may read it.
    package enum Kind: String, Sendable, CaseIterable {
        /// Whoever may write in the space.
        case variable
        /// Nobody: it is kept sealed.
        case secret
    }

    /// The name; a variable and a secret cannot have the same.
    package var name: String
    /// Who may read it.
    package var kind: Kind
    /// The value; a secret's is sealed.
    package var value: String
    /// What it is for.
    package var description: String?
    /// When it was written.
    package var updatedAt: Timestamp

    /// A value from its parts.
    package init(name: String, kind: Kind, value: String, description: String?, updatedAt: Timestamp) {
        self.name = name
        self.kind = kind
        self.value = value
        self.description = description
        self.updatedAt = updatedAt
    }

    init(row: SQLRow) throws(MetadataError) {
        name = try row.text("name")
        kind = try row.named("kind")
        value = try row.text("value")
        description = try row.optionalText("description")
        updatedAt = try row.time("updated_at")
    }
}
