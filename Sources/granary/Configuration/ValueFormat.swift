import HubAPI

/// How the text of a configuration value is read: one format per kind of value.
struct ValueFormat<Value: Sendable>: Sendable {
    /// What is accepted, as the end of the sentence "accepts …".
    let accepts: String
    /// The value, or nil when the text is not one.
    let parse: @Sendable (String) -> Value?
    /// The value as `granary config --json` shows it.
    let scalar: @Sendable (Value) -> JSONScalar
}

extension ValueFormat where Value == Bool {
    /// `true` or `false`.
    static let boolean = ValueFormat(
        accepts: "true or false",
        parse: { text in
            switch text {
            case "true": true
            case "false": false
            default: nil
            }
        },
        scalar: JSONScalar.boolean
    )
}

extension ValueFormat where Value == Int64 {
    /// A decimal number inside `range`.
    static func integer(_ range: ClosedRange<Int64>) -> ValueFormat {
        ValueFormat(
            accepts: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Int64(text).flatMap { range.contains($0) ? $0 : nil } },
            scalar: JSONScalar.integer
        )
    }

    /// A number of bytes inside `range`, with or without a binary unit: `65536`, `64KiB`, `2GiB`.
    static func bytes(_ range: ClosedRange<Int64>) -> ValueFormat {
        ValueFormat(
            accepts: "bytes from \(ByteCount.text(range.lowerBound)) to \(ByteCount.text(range.upperBound)), "
                + "as a number or with KiB, MiB, GiB, TiB",
            parse: { text in ByteCount.parse(text).flatMap { range.contains($0) ? $0 : nil } },
            scalar: JSONScalar.integer
        )
    }
}

extension ValueFormat where Value == String {
    /// A path of the file system, relative to the working directory unless it starts with `/`.
    static let path = ValueFormat(
        accepts: "a path",
        parse: { text in text.isEmpty || text.utf8.contains(0) ? nil : text },
        scalar: JSONScalar.text
    )
}

extension ValueFormat where Value == String? {
    /// A path, or nothing.
    static let optionalPath = ValueFormat(
        accepts: "a path, or nothing",
        parse: { text in
            guard !text.utf8.contains(0) else { return nil }
            return .some(text.isEmpty ? nil : text)
        },
        scalar: { $0.map(JSONScalar.text) ?? .null }
    )

    /// The URL under which clients reach the server, without a slash at its end; or nothing.
    static let optionalURL = ValueFormat(
        accepts: "an http:// or https:// URL of a host, with an optional port and path and nothing else, or nothing",
        parse: { text in
            guard !text.isEmpty else { return .some(nil) }
            return PublicURLText.normalized(text).map(Optional.some)
        },
        scalar: { $0.map(JSONScalar.text) ?? .null }
    )
}

extension ValueFormat where Value == ListenAddress {
    /// `HOST:PORT`.
    static let address = ValueFormat(
        accepts: ListenAddress.accepts,
        parse: ListenAddress.init(parsing:),
        scalar: { .text($0.text) }
    )
}

extension ValueFormat where Value == ListenAddress? {
    /// `HOST:PORT`, or `off`.
    static let addressOrOff = ValueFormat(
        accepts: ListenAddress.accepts + ", or off",
        parse: { text in
            guard text != "off" else { return .some(nil) }
            return ListenAddress(parsing: text).map(Optional.some)
        },
        scalar: { .text($0?.text ?? "off") }
    )
}

extension ValueFormat where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the words that are the type's raw values.
    static var choice: ValueFormat {
        ValueFormat(
            accepts: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { Value(rawValue: $0) },
            scalar: { .text($0.rawValue) }
        )
    }
}
