import Metadata

/// The values of a statement as libpq takes them: binary, one after the other in one buffer.
struct ParameterBuffer {
    private var bytes: [UInt8] = []
    private var places: [Int?] = []
    private(set) var lengths: [Int32] = []

    /// Lays out values.
    /// - Throws: `MetadataError.failed` for a text with a NUL, which SQLite's driver refuses too, and for a value of 1 GiB.
    init(_ values: [SQLValue]) throws(MetadataError) {
        places.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        for value in values {
            switch value {
            case .null: note(nil, 0)
            case .integer(let number):
                let place = bytes.count
                withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
                note(place, 8)
            case .text(let text):
                let place = bytes.count
                bytes.append(contentsOf: text.utf8)
                guard !bytes[place...].contains(0) else { throw .failed("a text parameter holds a NUL") }
                note(place, bytes.count - place)
            case .blob(let blob):
                let place = bytes.count
                bytes.append(contentsOf: blob)
                note(place, blob.count)
            }
            guard bytes.count < 1 << 30 else { throw .failed("the parameters of a statement are larger than 1 GiB") }
        }
        // An empty text has no byte of its own, and its pointer must not be nil, which is null.
        bytes.append(0)
    }

    private mutating func note(_ place: Int?, _ length: Int) {
        places.append(place)
        lengths.append(Int32(clamping: length))
    }

    /// Lends the values as C wants them: a pointer for each, nil for null.
    func withPointers<T>(_ body: ([UnsafePointer<CChar>?]) -> T) -> T {
        bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                body(places.map { place in place.flatMap { offset in characters.baseAddress.map { $0 + offset } } })
            }
        }
    }
}

/// The types that parameters are declared with.
enum ParameterType: UInt32 {
    /// The server finds out: a null says nothing of its type.
    case unknown = 0
    case bytea = 17
    case int8 = 20
    case text = 25

    /// The type of a value.
    init(_ value: SQLValue) {
        self =
            switch value {
            case .null: .unknown
            case .integer: .int8
            case .text: .text
            case .blob: .bytea
            }
    }
}
