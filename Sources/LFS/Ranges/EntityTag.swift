package import ObjectStore

/// The entity tag of an object: its oid in quotes, strong, the same for ever.
package enum EntityTag {
    /// The tag with its quotes.
    package static func of(_ oid: ObjectKey) -> String { "\"\(oid.hex)\"" }

    /// Most tags of a field that are looked at.
    private static let limit = 64

    /// Whether `field` names the tag: the condition of `If-None-Match` fails then, and of `If-Match` holds.
    ///
    /// - Parameters:
    ///   - field: "*", or tags with commas between them.
    ///   - isWeak: whether `W/` in front of a tag is passed over, as `If-None-Match` wants.
    /// - Source: RFC 9110, 8.8.3.2, 13.1.1 and 13.1.2. Tags with a comma inside are nobody's: ours have none.
    package static func isListed(_ tag: String, in field: String, isWeak: Bool) -> Bool {
        if trimmed(field.utf8).elementsEqual("*".utf8) { return true }
        return field.utf8.split(separator: UInt8(ascii: ","), maxSplits: limit).prefix(limit).contains { item in
            let item = trimmed(item)
            if item.elementsEqual(tag.utf8) { return true }
            return isWeak && item.starts(with: "W/".utf8) && item.dropFirst(2).elementsEqual(tag.utf8)
        }
    }
}
