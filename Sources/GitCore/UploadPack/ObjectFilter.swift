/// Which objects a partial clone leaves out.
///
/// Objects that the client wants by name are never left out.
/// - Source: git-rev-list(1) `--filter`.
package indirect enum ObjectFilter: Sendable, Hashable {
    /// All blobs.
    case blobNone
    /// Blobs of this many bytes and more.
    case blobLimit(Int64)
    /// Trees and blobs this many levels below a root tree (which is level 0) and deeper.
    case treeDepth(Int)
    /// Everything that is not of this type.
    case objectType(ObjectType)
    /// Whatever one of these leaves out; 1 through 16 filters.
    case combine([ObjectFilter])

    /// Most filters inside one specification.
    package static let maximumCount = 16
    /// Most levels of `combine:` inside `combine:`.
    package static let maximumNesting = 4
    /// Most bytes of one specification.
    package static let maximumBytes = 4_096

    /// Reads a filter specification.
    ///
    /// - Throws: `notSupported` for the sparse forms, which would read a blob of the repository's history on each request.
    package init(parsing text: some Collection<UInt8>) throws(ObjectFilterError) {
        guard text.count <= Self.maximumBytes else { throw .tooComplex }
        var count = 0
        self = try Self.parse(Array(text), nesting: 0, count: &count)
    }

    private static func parse(
        _ text: [UInt8],
        nesting: Int,
        count: inout Int
    ) throws(ObjectFilterError) -> ObjectFilter {
        if let parts = text.argument(after: "combine:") {
            return try parseCombination(parts, nesting: nesting, count: &count)
        }
        count += 1
        guard count <= maximumCount else { throw .tooComplex }
        if text.isWord("blob:none") { return .blobNone }
        if let limit = text.argument(after: "blob:limit=") {
            return .blobLimit(try byteCount(limit, in: text))
        }
        if let depth = text.argument(after: "tree:") {
            guard let depth = depth.decimalNumber() else { throw .invalid(text.excerpt) }
            return .treeDepth(Int(clamping: depth))
        }
        if let type = text.argument(after: "object:type=") {
            let type = ObjectType(name: String(decoding: type, as: UTF8.self))
            guard let type else { throw .invalid(text.excerpt) }
            return .objectType(type)
        }
        guard !text.starts(with: "sparse:".utf8) else { throw .notSupported(text.excerpt) }
        throw .invalid(text.excerpt)
    }

    private static func parseCombination(
        _ text: ArraySlice<UInt8>,
        nesting: Int,
        count: inout Int
    ) throws(ObjectFilterError) -> ObjectFilter {
        guard nesting < maximumNesting else { throw .tooComplex }
        var filters: [ObjectFilter] = []
        for part in text.split(separator: UInt8(ascii: "+"), omittingEmptySubsequences: false) {
            filters.append(try parse(try percentDecoded(part), nesting: nesting + 1, count: &count))
        }
        return .combine(filters)
    }

    /// Reads a number with an optional unit k, m or g, in 1 024s.
    private static func byteCount(_ text: ArraySlice<UInt8>, in whole: [UInt8]) throws(ObjectFilterError) -> Int64 {
        let units: [Character: Int64] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        let unit = text.last.flatMap { units[Character(UnicodeScalar($0 | 0x20))] }
        let digits = unit == nil ? text : text.dropLast()
        guard let number = digits.decimalNumber() else { throw .invalid(whole.excerpt) }
        let (count, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow else { throw .invalid(whole.excerpt) }
        return count
    }

    /// Undoes the `%XX` coding of one part of a combination.
    ///
    /// - Throws: when a byte stands there that the documentation wants encoded.
    private static func percentDecoded(_ part: ArraySlice<UInt8>) throws(ObjectFilterError) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                guard byte > 0x20, !reserved.contains(byte) else { throw .invalid(part.excerpt) }
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                throw .invalid(part.excerpt)
            }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    private static let reserved = Array("~`!@#$^&*()[]{}\\;'\",<>?".utf8)
}

extension ObjectFilter: CustomStringConvertible {
    /// The specification in git's words, with all numbers spelled out.
    package var description: String {
        switch self {
        case .blobNone: "blob:none"
        case .blobLimit(let bytes): "blob:limit=\(bytes)"
        case .treeDepth(let depth): "tree:\(depth)"
        case .objectType(let type): "object:type=\(type.name)"
        case .combine(let filters):
            "combine:" + filters.map { Self.percentEncoded($0.description) }.joined(separator: "+")
        }
    }

    /// Encodes what has a meaning between the parts of a combination.
    private static func percentEncoded(_ text: String) -> String {
        text.flatMap { $0 == "%" ? Array("%25") : $0 == "+" ? Array("%2b") : [$0] }.reduce(into: "") { $0.append($1) }
    }
}

/// A filter specification that is not served.
package enum ObjectFilterError: Error, Equatable, Sendable {
    case invalid(String)
    case notSupported(String)
    case tooComplex

    /// A sentence for the client.
    package var message: String {
        switch self {
        case .invalid(let text): "invalid filter-spec '\(text)'"
        case .notSupported(let text): "filter '\(text)' is not supported: sparse filters are refused by this server"
        case .tooComplex: "the filter-spec is too complex"
        }
    }
}
