package import Access

/// One row of a result: values in the order of the columns.
///
/// All rows of one result share the array of column names, so a row costs one allocation plus its texts.
package struct SQLRow: Sendable, Equatable {
    private let columns: [String]
    private let values: [SQLValue]

    /// A row for a driver to hand out; both arrays have the same length.
    package init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value in the named column.
    /// - Throws: `corrupt` when the result has no such column.
    package func value(_ column: String) throws(MetadataError) -> SQLValue {
        guard let index = columns.firstIndex(of: column), index < values.count else {
            throw .corrupt("no column \(column) in a result with \(columns.joined(separator: ", "))")
        }
        return values[index]
    }

    /// The text at a position, without looking up a name: for results of many rows.
    /// - Throws: `corrupt` when there is no such position or it holds something else.
    package func text(at index: Int) throws(MetadataError) -> String {
        guard values.indices.contains(index), case .text(let text) = values[index] else {
            throw .corrupt("no text in column \(index)")
        }
        return text
    }

    /// The text or null at a position, without looking up a name.
    /// - Throws: `corrupt` when there is no such position or it holds something else.
    package func optionalText(at index: Int) throws(MetadataError) -> String? {
        guard values.indices.contains(index) else { throw .corrupt("no column \(index)") }
        return values[index] == .null ? nil : try text(at: index)
    }

    /// The text in a column.
    /// - Throws: `corrupt` when it holds something else.
    package func text(_ column: String) throws(MetadataError) -> String {
        guard case .text(let text) = try value(column) else { throw .corrupt("\(column) is not text") }
        return text
    }

    /// The text in a column, nil when it is null.
    /// - Throws: `corrupt` when it holds something else.
    package func optionalText(_ column: String) throws(MetadataError) -> String? {
        try value(column) == .null ? nil : text(column)
    }

    /// The number in a column.
    /// - Throws: `corrupt` when it holds something else.
    package func integer(_ column: String) throws(MetadataError) -> Int64 {
        guard case .integer(let number) = try value(column) else { throw .corrupt("\(column) is not a number") }
        return number
    }

    /// The number in a column, nil when it is null.
    /// - Throws: `corrupt` when it holds something else.
    package func optionalInteger(_ column: String) throws(MetadataError) -> Int64? {
        try value(column) == .null ? nil : integer(column)
    }

    /// The truth value in a column.
    /// - Throws: `corrupt` when it is neither 0 nor 1.
    package func flag(_ column: String) throws(MetadataError) -> Bool {
        switch try integer(column) {
        case 0: false
        case 1: true
        case let other: throw .corrupt("\(column) is \(other), not 0 or 1")
        }
    }

    /// The bytes in a column.
    /// - Throws: `corrupt` when it holds something else.
    package func blob(_ column: String) throws(MetadataError) -> [UInt8] {
        guard case .blob(let bytes) = try value(column) else { throw .corrupt("\(column) is not a blob") }
        return bytes
    }
}

extension SQLRow {
    /// The id in a column.
    /// - Throws: `corrupt` when it is not 32 hexadecimal digits.
    package func id(_ column: String) throws(MetadataError) -> RecordID {
        let text = try text(column)
        guard let id = RecordID(text) else { throw .corrupt("\(column) is not an id: \(text)") }
        return id
    }

    /// The id in a column, nil when it is null.
    /// - Throws: `corrupt` when it is not 32 hexadecimal digits.
    package func optionalID(_ column: String) throws(MetadataError) -> RecordID? {
        try value(column) == .null ? nil : id(column)
    }

    /// The moment in a column.
    /// - Throws: `corrupt` when it holds something else.
    package func time(_ column: String) throws(MetadataError) -> Timestamp {
        Timestamp(microseconds: try integer(column))
    }

    /// The moment in a column, nil when it is null.
    /// - Throws: `corrupt` when it holds something else.
    package func optionalTime(_ column: String) throws(MetadataError) -> Timestamp? {
        try value(column) == .null ? nil : time(column)
    }

    /// The enumeration value whose raw text is in a column.
    /// - Throws: `corrupt` for a text that the enumeration does not know.
    package func named<Value: RawRepresentable<String>>(_ column: String) throws(MetadataError) -> Value {
        let text = try text(column)
        guard let value = Value(rawValue: text) else { throw .corrupt("\(column) has no meaning: \(text)") }
        return value
    }

    /// The enumeration value whose raw text is in a column, nil when it is null.
    /// - Throws: `corrupt` for a text that the enumeration does not know.
    package func optionallyNamed<Value: RawRepresentable<String>>(_ column: String) throws(MetadataError) -> Value? {
        guard try value(column) != .null else { return nil }
        let known: Value = try named(column)
        return known
    }
}
