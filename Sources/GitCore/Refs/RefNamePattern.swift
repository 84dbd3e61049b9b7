/// The pattern of a protected-ref rule.
///
/// `*` stands for any bytes within one component, also none; `**` for any bytes, slashes included. Everything else stands for
/// itself. A pattern that does not start with `refs/` is about branches: `release/*` means `refs/heads/release/*`.
package struct RefNamePattern: Sendable, Hashable {
    private enum Token: Sendable, Hashable {
        case byte(UInt8)
        case withinComponent
        case acrossComponents

        /// Bytes that the token matches.
        var sample: [UInt8] {
            switch self {
            case .byte(let byte): [byte]
            case .withinComponent: Array("x".utf8)
            case .acrossComponents: Array("x/x".utf8)
            }
        }
    }

    private let tokens: [Token]
    /// The full pattern, `refs/heads/` included when it was left out.
    package let text: String

    /// Most bytes of a full pattern, so that matching is bounded by this times the length of a name.
    package static let maximumBytes = 256

    /// Checks a pattern.
    ///
    /// - Throws: `RefNamePatternError` when it could never match a valid name, or is too long.
    package init(parsing text: String) throws(RefNamePatternError) {
        let full = text.utf8.starts(with: "refs/".utf8) ? text : "refs/heads/" + text
        guard full.utf8.count <= Self.maximumBytes else { throw .tooLong }
        let tokens = Self.tokens(of: Array(full.utf8))
        do {
            _ = try RefName(validating: tokens.flatMap(\.sample))
        } catch {
            throw .invalid(error)
        }
        self.text = full
        self.tokens = tokens
    }

    /// Whether the whole of `name` fits.
    ///
    /// Takes time proportional to both lengths whatever the pattern: it follows all ways to match at once, never one by one.
    package func matches(_ name: RefName) -> Bool {
        var positions = Positions(count: tokens.count + 1)
        insert(0, into: &positions)
        for byte in name.bytes {
            var next = Positions(count: tokens.count + 1)
            for position in tokens.indices where positions.contains(position) {
                switch tokens[position] {
                case .byte(byte): insert(position + 1, into: &next)
                case .byte: continue
                case .withinComponent where byte == UInt8(ascii: "/"): continue
                case .withinComponent, .acrossComponents: insert(position, into: &next)
                }
            }
            positions = next
        }
        return positions.contains(tokens.count)
    }

    /// Marks a position and those behind it that need no byte to be reached.
    private func insert(_ position: Int, into positions: inout Positions) {
        var position = position
        positions.insert(position)
        while position < tokens.count, tokens[position] == .withinComponent || tokens[position] == .acrossComponents {
            position += 1
            positions.insert(position)
        }
    }

    private static func tokens(of bytes: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        for byte in bytes {
            switch (byte, tokens.last) {
            case (UInt8(ascii: "*"), .withinComponent), (UInt8(ascii: "*"), .acrossComponents):
                tokens[tokens.count - 1] = .acrossComponents
            case (UInt8(ascii: "*"), _): tokens.append(.withinComponent)
            default: tokens.append(.byte(byte))
            }
        }
        return tokens
    }
}

/// Which tokens of a pattern may come next.
private struct Positions {
    private var marks: [Bool]

    init(count: Int) { marks = Array(repeating: false, count: count) }

    func contains(_ position: Int) -> Bool { marks[position] }

    mutating func insert(_ position: Int) { marks[position] = true }
}

/// A pattern that no rule can use.
package enum RefNamePatternError: Error, Equatable, Sendable {
    case tooLong
    case invalid(RefNameError)

    /// A sentence for the client.
    package var message: String {
        switch self {
        case .tooLong: "a ref pattern has at most \(RefNamePattern.maximumBytes) bytes"
        case .invalid(let error): "no ref can match this pattern: \(error.message)"
        }
    }
}
