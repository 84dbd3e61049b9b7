package import ObjectStore
import OpenSSLKit
package import Xet

/// A signed permission to read some ranges of a stored xorb, and nothing else of it: the neighbours may be somebody else's.
///
/// It goes into the URL that a client is given, which shows no other credential. It is signed with the object that the
/// ranges are of: should the xorb go and come back in another form, other bytes lie there.
package struct XetLink: Sendable, Equatable {
    /// The xorb.
    package let xorb: XetHash
    /// Ascending ranges of the serialized xorb, between chunks.
    package let ranges: [Range<Int>]
    /// Seconds since 1970.
    package let expiresAt: Int64
    private let signature: [UInt8]

    /// The purpose of the key that signs links.
    static let purpose = "granary xet link v2"
    private static let mostRanges = 500
    /// Items of the query.
    static let itemCount = 3

    /// Signs a permission.
    package init(
        _ xorb: XetHash,
        at oid: ObjectKey,
        _ ranges: [Range<Int>],
        expiresAt: Int64,
        signedBy key: SigningKey
    ) throws {
        self.xorb = xorb
        self.ranges = ranges
        self.expiresAt = expiresAt
        signature = try key.sign(Self.content(xorb, oid, ranges, expiresAt))
    }

    /// The query of the URL; a credential, so it belongs in no log.
    package var query: String {
        let code = Base64.encode(signature, .urlSafe)
        return "ranges=\(Self.text(ranges))&expires=\(expiresAt)&signature=\(code)"
    }

    /// Reads the decoded items of a query; nil unless they are a link that the key has signed.
    init?(_ xorb: XetHash, at oid: ObjectKey, items: [(name: String, value: String)], signedBy key: SigningKey) {
        let values = Dictionary(items.map { ($0.name, $0.value) }) { first, _ in first }
        guard items.count == Self.itemCount, let expiresAt = values["expires"].flatMap({ Int64($0) }),
            let ranges = values["ranges"].flatMap(Self.ranges),
            let signature = values["signature"].flatMap({ Base64.decode($0, .urlSafe) }),
            key.isValid(signature, for: Self.content(xorb, oid, ranges, expiresAt))
        else { return nil }
        self.xorb = xorb
        self.ranges = ranges
        self.expiresAt = expiresAt
        self.signature = signature
    }

    private static func content(
        _ xorb: XetHash,
        _ oid: ObjectKey,
        _ ranges: [Range<Int>],
        _ expiresAt: Int64
    ) -> [UInt8] {
        Array("\(xorb) \(oid) \(text(ranges)) \(expiresAt)".utf8)
    }

    /// As HTTP writes ranges: the last byte is named.
    private static func text(_ ranges: [Range<Int>]) -> String {
        ranges.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ",")
    }

    private static func ranges(_ text: String) -> [Range<Int>]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Self.mostRanges else { return nil }
        var ranges: [Range<Int>] = []
        for part in parts {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
            guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, first <= last, last < .max
            else {
                return nil
            }
            ranges.append(Int(first)..<Int(last) + 1)
        }
        return ranges
    }

    /// Whether a range lies within one that the link is for.
    func covers(_ range: Range<Int>) -> Bool {
        ranges.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
    }
}
