/// Rows as bytes that no other row has: each value with its kind and a number, which is the length of what follows it.
///
/// A value is one byte for its kind (0 null, 1 integer, 2 text, 3 blob), eight bytes big-endian (the integer itself, or the
/// length), and the content.
enum RowBytes {
    /// Bytes in front of each value's content.
    private static let head = 9

    /// The bytes of a row.
    static func write(_ row: [SQLValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ kind: UInt8, _ number: Int64, _ content: some Sequence<UInt8>) {
            bytes.append(kind)
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: content)
        }
        for value in row {
            switch value {
            case .null: append(0, 0, [])
            case .integer(let number): append(1, number, [])
            case .text(let text): append(2, Int64(text.utf8.count), text.utf8)
            case .blob(let blob): append(3, Int64(blob.count), blob)
            }
        }
        return bytes
    }

    /// Takes one row from the front of `bytes`.
    /// - Parameter columns: how many values it has.
    /// - Throws: `corrupt` for anything that `write` does not make.
    static func read(from bytes: inout ArraySlice<UInt8>, columns: Int) throws(MetadataError) -> [SQLValue] {
        var row: [SQLValue] = []
        for _ in 0..<columns { row.append(try value(from: &bytes)) }
        return row
    }

    private static func value(from bytes: inout ArraySlice<UInt8>) throws(MetadataError) -> SQLValue {
        guard bytes.count >= head, let kind = bytes.first else { throw .corrupt("a row ends early") }
        let number = bytes.dropFirst().prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        bytes = bytes.dropFirst(head)
        switch kind {
        case 0: return .null
        case 1: return .integer(number)
        case 2, 3:
            guard number >= 0, number <= bytes.count else { throw .corrupt("a value is longer than its table") }
            let content = bytes.prefix(Int(number))
            bytes = bytes.dropFirst(Int(number))
            guard kind == 2 else { return .blob(Array(content)) }
            guard let text = String(validating: content, as: UTF8.self) else { throw .corrupt("a text is not UTF-8") }
            return .text(text)
        default: throw .corrupt("a value has the kind \(kind)")
        }
    }
}
