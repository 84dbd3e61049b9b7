import HubAPI
import ObjectStore
import Outbound
import SSHD

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

extension ValueFormat where Value == String {
    /// A text of a kind.
    static func word(_ word: Word) -> ValueFormat {
        ValueFormat(accepts: word.accepts, parse: { word.contains($0) ? $0 : nil }, scalar: JSONScalar.text)
    }
}

extension ValueFormat where Value == String? {
    /// A text of a kind, or nothing.
    static func optionalWord(_ word: Word) -> ValueFormat {
        ValueFormat(
            accepts: "\(word.accepts), or nothing",
            parse: { text in
                guard !text.isEmpty else { return .some(nil) }
                return word.contains(text) ? .some(text) : nil
            },
            scalar: { $0.map(JSONScalar.text) ?? .null }
        )
    }

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

extension ValueFormat where Value == S3Endpoint? {
    /// Where an S3 store is, or nothing.
    static let optionalS3Endpoint = ValueFormat(
        accepts: "an http:// or https:// URL of a host with an optional port, or nothing",
        parse: { text in
            guard !text.isEmpty else { return .some(nil) }
            return S3Endpoint(text).map(Optional.some)
        },
        scalar: { $0.map { .text($0.text) } ?? .null }
    )
}

extension ValueFormat where Value == OutboundRules {
    /// Networks, addresses and names with commas between them, or nothing.
    static let outboundRules = ValueFormat(
        accepts: "networks such as 10.0.0.0/8, addresses, names of hosts, and *.domain, with commas, or nothing",
        parse: OutboundRules.init(parsing:),
        scalar: { .text($0.description) }
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

    /// An address that clients use, or nothing.
    static let optionalAddress = ValueFormat(
        accepts: "HOST:PORT with a port from 1 to 65535, an IPv6 host in brackets, or nothing",
        parse: { text in
            guard !text.isEmpty else { return .some(nil) }
            guard let address = ListenAddress(parsing: text), address.port > 0 else { return nil }
            return .some(address)
        },
        scalar: { $0.map { .text($0.text) } ?? .null }
    )
}

extension ValueFormat where Value == [HostKeys.Algorithm] {
    /// Kinds of host key with commas between them.
    static let hostKeyAlgorithms = ValueFormat(
        accepts: "one or more of \(HostKeys.Algorithm.allCases.map(\.rawValue).joined(separator: ", ")), with commas",
        parse: { text in
            let names = text.split(separator: ",", omittingEmptySubsequences: false)
            let algorithms = names.compactMap { HostKeys.Algorithm(rawValue: String($0)) }
            return algorithms.count == names.count && Set(algorithms).count == names.count ? algorithms : nil
        },
        scalar: { .text($0.map(\.rawValue).joined(separator: ",")) }
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
