/// A shell pattern as git matches it: `*`, `?`, `[…]`, backslash, and `**` between slashes.
///
/// Takes time proportional to both lengths whatever the pattern: it follows all ways to match at once.
///
/// - Source: git's `wildmatch.c`.
struct GlobPattern {
    private enum Token {
        case byte(UInt8)
        /// One byte out of a set.
        case set(ByteSet)
        /// Any bytes but slashes.
        case withinComponent
        /// Any bytes.
        case acrossComponents
        /// In front of any bytes and a slash: the start of `**/`, which may also stand for nothing.
        case directories
        /// What can never match, such as a set without an end.
        case never
    }

    private var tokens: [Token] = []

    /// - Parameter isPathname: whether wildcards stop at slashes, as in attributes; in pathspecs they do not.
    init(_ pattern: some Collection<UInt8>, isPathname: Bool) {
        let bytes = Array(pattern)
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "*"): addStars(bytes, &position, isPathname)
            case UInt8(ascii: "?"):
                tokens.append(.set(ByteSet.all(butSlash: isPathname)))
                position += 1
            case UInt8(ascii: "["):
                position += 1
                let set = ByteSet(parsing: bytes, &position)
                tokens.append(set.map { .set(isPathname ? $0.withoutSlash : $0) } ?? .never)
            case UInt8(ascii: "\\"):
                tokens.append(position + 1 < bytes.count ? .byte(bytes[position + 1]) : .never)
                position += 2
            case let byte:
                tokens.append(.byte(byte))
                position += 1
            }
        }
    }

    private mutating func addStars(_ bytes: [UInt8], _ position: inout Int, _ isPathname: Bool) {
        let start = position
        while position < bytes.count, bytes[position] == UInt8(ascii: "*") { position += 1 }
        guard isPathname else { return tokens.append(.acrossComponents) }
        // git compares what stands in front of the first special byte by itself; stars right behind it are at a start, too.
        let isAtStart = bytes[..<start].last == UInt8(ascii: "/") || !bytes[..<start].contains(where: Self.isSpecial)
        let next = position < bytes.count ? bytes[position] : nil
        guard position - start > 1, isAtStart, next == nil || next == UInt8(ascii: "/") else {
            return tokens.append(.withinComponent)
        }
        if next != nil { tokens.append(.directories) }
        tokens.append(.acrossComponents)
    }

    /// Whether bytes hold anything that a pattern does not take literally.
    static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
            || byte == UInt8(ascii: "\\")
    }

    /// Whether the whole of `text` fits.
    func matches(_ text: some Collection<UInt8>) -> Bool {
        var current = [Bool](repeating: false, count: tokens.count + 1)
        var next = current
        mark(0, &current)
        for byte in text {
            for index in next.indices { next[index] = false }
            var isAlive = false
            for (index, token) in tokens.enumerated() where current[index] {
                guard let target = step(token, byte, index) else { continue }
                mark(target, &next)
                isAlive = true
            }
            guard isAlive else { return false }
            swap(&current, &next)
        }
        return current[tokens.count]
    }

    /// Where a token leads with one byte; nil when it does not take it.
    private func step(_ token: Token, _ byte: UInt8, _ index: Int) -> Int? {
        switch token {
        case .byte(let wanted): byte == wanted ? index + 1 : nil
        case .set(let set): set.contains(byte) ? index + 1 : nil
        case .withinComponent: byte == UInt8(ascii: "/") ? nil : index
        case .acrossComponents: index
        case .directories, .never: nil
        }
    }

    /// Marks a position and those that need no byte to be reached from it.
    private func mark(_ position: Int, _ positions: inout [Bool]) {
        guard !positions[position] else { return }
        positions[position] = true
        guard position < tokens.count else { return }
        switch tokens[position] {
        case .withinComponent, .acrossComponents: mark(position + 1, &positions)
        case .directories:
            mark(position + 1, &positions)
            mark(position + 3, &positions)
        case .byte, .set, .never: return
        }
    }
}
