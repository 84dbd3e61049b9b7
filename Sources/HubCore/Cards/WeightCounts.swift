package import JSON

/// The parameters of a model's weights, counted by the type of their numbers.
///
/// - Source: the safetensors format: eight bytes with the length of a JSON object, which names each tensor with `dtype`
///   and `shape`.
package struct WeightCounts: Equatable, Sendable {
    /// How many numbers of each type.
    package private(set) var parameters: [String: Int64] = [:]

    /// All of them; nil when that is more than a number holds.
    package var total: Int64? {
        parameters.values.reduce(Optional(0)) { sum, count in
            guard let (value, overflow) = sum?.addingReportingOverflow(count), !overflow else { return nil }
            return value
        }
    }

    /// The member `safetensors`; types in the order of their names.
    package var json: JSONValue? {
        guard !parameters.isEmpty, let total else { return nil }
        let counts = parameters.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, JSONValue($0.value)) }
        return ["parameters": .object(counts), "total": JSONValue(total)]
    }

    /// Adds a shard.
    ///
    /// - Returns: false, and nothing is added, when numbers would not fit.
    package mutating func add(_ other: WeightCounts) -> Bool {
        var sum = parameters
        for (type, count) in other.parameters {
            let (value, overflow) = sum[type, default: 0].addingReportingOverflow(count)
            guard !overflow else { return false }
            sum[type] = value
        }
        parameters = sum
        return true
    }
}

extension WeightCounts {
    /// The longest header that is read: of tens of thousands of tensors.
    static let longestHeader = 4 << 20
    /// Bytes in front of the header.
    static let prefixBytes = 8
    private static let longestType = 16
    private static let mostDimensions = 16

    /// How long the header is; nil for bytes that cannot be the beginning of such a file.
    package static func headerLength(_ prefix: [UInt8], fileSize: Int64) -> Int? {
        guard prefix.count >= prefixBytes else { return nil }
        let length = prefix.prefix(prefixBytes).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length >= 2, length <= longestHeader, Int64(length) <= fileSize - Int64(prefixBytes) else { return nil }
        return Int(length)
    }

    /// Counts what a header names; nil for one that is not well-formed.
    package init?(header: [UInt8]) {
        var limits = JSONLimits(bytes: Self.longestHeader)
        (limits.depth, limits.values) = (8, 600_000)
        guard let members = (try? JSONValue(parsing: header, limits: limits))?.members else { return nil }
        for member in members where member.name != "__metadata__" {
            guard let type = member.value["dtype"]?.text, let count = Self.count(member.value["shape"]),
                !type.isEmpty, type.utf8.count <= Self.longestType
            else { return nil }
            let (sum, overflow) = parameters[type, default: 0].addingReportingOverflow(count)
            guard !overflow else { return nil }
            parameters[type] = sum
        }
    }

    /// How many numbers have a shape; one without dimensions is a single number.
    private static func count(_ shape: JSONValue?) -> Int64? {
        guard let dimensions = shape?.elements, dimensions.count <= mostDimensions else { return nil }
        var product = Int64(1)
        for dimension in dimensions {
            guard let size = dimension.integer, size >= 0 else { return nil }
            let (value, overflow) = product.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            product = value
        }
        return product
    }
}
