/// The items of a URL's query, decoded: "a=1&b=x%20y".
///
/// "+" means a space.
package struct QueryItems: Sendable, Equatable {
    /// Names and values in order; an item without "=" has an empty value.
    package let items: [Item]

    /// One name and its value.
    package struct Item: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    /// Items of a query beyond this many are ignored.
    package static let maximumCount = 256

    /// Reads a query without its "?", or a form.
    ///
    /// Items that do not decode to UTF-8 are left out.
    /// - Parameter maximumCount: further items are ignored.
    package init(_ query: some StringProtocol, maximumCount: Int = Self.maximumCount) {
        items = query.utf8.split(separator: UInt8(ascii: "&"), maxSplits: maximumCount)
            .prefix(maximumCount)
            .compactMap { item in
                let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = Self.decode(parts[0]) else { return nil }
                guard parts.count == 2 else { return Item(name: name, value: "") }
                return Self.decode(parts[1]).map { Item(name: name, value: $0) }
            }
    }

    /// The value of the first item called `name`; nil without one.
    package func first(_ name: String) -> String? { items.first { $0.name == name }?.value }

    private static func decode(_ raw: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = raw[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
