/// The capabilities that a v0 or v1 client asks for on its first line.
///
/// Unknown names are kept and mean nothing, as in git. Names and values are printable ASCII, so comparing them as text is
/// comparing their bytes.
/// - Source: gitprotocol-capabilities(5).
package struct Capabilities: Sendable, Hashable {
    /// One item of the list.
    package struct Item: Sendable, Hashable {
        /// What stands before the first `=`; not empty.
        package var name: String
        /// What follows the first `=`; nil without one.
        package var value: String?
    }

    /// In the order of the list, duplicates included.
    package private(set) var items: [Item]

    /// Most bytes of one list.
    package static let maximumBytes = 8_192
    /// Most items of one list.
    package static let maximumItems = 128

    /// No capabilities.
    package init() {
        items = []
    }

    /// What the server asks of its own pushes: all or none.
    static let atomic: Capabilities = {
        var capabilities = Capabilities()
        capabilities.items = [Item(name: "atomic", value: nil)]
        return capabilities
    }()

    /// Reads a list.
    ///
    /// - Parameter bytes: items separated by one or more spaces; without the LF of the line.
    /// - Throws: `tooLong` beyond 8 192 bytes or 128 items, `unprintable` for a byte outside 0x20 through 0x7e,
    ///   `unnamed` for an item that begins with `=`.
    package init(parsing bytes: some Collection<UInt8>) throws(CapabilityError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong }
        for byte in bytes where !(0x20...0x7e).contains(byte) { throw .unprintable(byte) }
        items = []
        for word in bytes.split(separator: UInt8(ascii: " ")) {
            guard items.count < Self.maximumItems else { throw .tooLong }
            items.append(try Item(parsing: word))
        }
    }

    /// Whether the list names `name`, with or without a value.
    package func contains(_ name: String) -> Bool {
        items.contains { $0.name == name }
    }

    /// The value of the first item called `name`; nil when absent or without value.
    package func value(of name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// What the client calls itself, at most 256 characters; for the log only.
    package var agent: String? { boundedValue(of: "agent") }

    /// How the client names its process, at most 256 characters; for the log only.
    package var sessionID: String? { boundedValue(of: "session-id") }

    /// The hash algorithm the client speaks; `sha1` when it says nothing.
    package var objectFormat: String { value(of: "object-format") ?? "sha1" }

    private func boundedValue(of name: String) -> String? {
        value(of: name).map { String($0.prefix(256)) }
    }
}

extension Capabilities.Item {
    /// Reads `name` or `name=value`, printable ASCII without spaces.
    ///
    /// - Throws: `unnamed` when nothing stands before the `=`.
    fileprivate init(parsing word: some Collection<UInt8>) throws(CapabilityError) {
        let parts = word.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { throw .unnamed }
        self.name = String(decoding: name, as: UTF8.self)
        value = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : nil
    }
}

/// A capability list that cannot be read.
package enum CapabilityError: Error, Equatable, Sendable {
    case tooLong
    case unprintable(UInt8)
    case unnamed

    /// A sentence for the client.
    package var message: String {
        switch self {
        case .tooLong: "protocol error: the capability list is too long"
        case .unprintable: "protocol error: the capability list holds a byte that is not printable ASCII"
        case .unnamed: "protocol error: the capability list holds an item without a name"
        }
    }
}
