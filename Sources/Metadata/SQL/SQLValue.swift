package import Access

/// A value in a parameter or a column: the four storage forms that SQLite and PostgreSQL share.
package enum SQLValue: Sendable, Equatable {
    case null
    /// BIGINT: numbers, flags as 0 and 1, times as microseconds.
    case integer(Int64)
    /// TEXT: names, JSON, ids and oids as lower-case hexadecimal digits.
    case text(String)
    case blob([UInt8])
}

extension SQLValue {
    /// An id as its 32 hexadecimal digits.
    package static func id(_ id: RecordID) -> SQLValue { .text(id.description) }

    /// An id, or null.
    package static func id(_ id: RecordID?) -> SQLValue { id.map { .text($0.description) } ?? .null }

    /// Text, or null.
    package static func text(orNull text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }

    /// A moment as microseconds.
    package static func time(_ moment: Timestamp) -> SQLValue { .integer(moment.microseconds) }

    /// A moment as microseconds, or null.
    package static func time(_ moment: Timestamp?) -> SQLValue { moment.map { .integer($0.microseconds) } ?? .null }

    /// A truth value as 0 or 1.
    package static func flag(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }

    /// The raw text of an enumeration.
    package static func name(_ value: some RawRepresentable<String>) -> SQLValue { .text(value.rawValue) }

    /// The raw text of an enumeration, or null.
    package static func name(_ value: (some RawRepresentable<String>)?) -> SQLValue {
        value.map { .text($0.rawValue) } ?? .null
    }
}
