extension ObjectChecker {
    /// Checks the content of a commit; its tree and parents go to `links`.
    ///
    /// - Throws: the header errors of `ObjectError`, `tooManyParents`, `messageTooLarge`.
    package static func checkCommit(
        _ bytes: UnsafeRawBufferPointer,
        limits: GitLimits = .standard,
        links: inout some LinkSink
    ) throws(ObjectError) {
        let end = try headerEnd(of: bytes, limits: limits)
        var cursor = HeaderCursor(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        guard cursor.skip("tree ") else { throw .missingTree }
        guard let tree = cursor.objectIDLine() else { throw .badTreeSha1 }
        links.link(to: tree, expecting: .tree)
        try readParents(&cursor, limits: limits, links: &links)
        guard cursor.skip("author ") else { throw .missingAuthor }
        try checkIdentity(&cursor)
        guard !cursor.skip("author ") else { throw .multipleAuthors }
        guard cursor.skip("committer ") else { throw .missingCommitter }
        try checkIdentity(&cursor)
    }

    private static func readParents(
        _ cursor: inout HeaderCursor,
        limits: GitLimits,
        links: inout some LinkSink
    ) throws(ObjectError) {
        var count = 0
        while cursor.skip("parent ") {
            guard let parent = cursor.objectIDLine() else { throw .badParentSha1 }
            count += 1
            guard count <= limits.objectParts.parents else { throw .tooManyParents }
            links.link(to: parent, expecting: .commit)
        }
    }

    /// Checks the rest of an `author`, `committer` or `tagger` line and moves behind it.
    ///
    /// - Source: git-fast-import(1): `name SP <email> SP seconds SP zone LF`; the name may be empty, its space not.
    static func checkIdentity(_ cursor: inout HeaderCursor) throws(ObjectError) {
        let open = UInt8(ascii: "<")
        let close = UInt8(ascii: ">")
        let newline = UInt8(ascii: "\n")
        guard cursor.peek != open else { throw .missingNameBeforeEmail }
        cursor.advance(toAnyOf: open, close, newline)
        guard cursor.peek != close else { throw .badName }
        guard cursor.peek == open else { throw .missingEmail }
        guard cursor.byte(before: 1) == UInt8(ascii: " ") else { throw .missingSpaceBeforeEmail }
        _ = cursor.skip(open)
        cursor.advance(toAnyOf: open, close, newline)
        guard cursor.skip(close) else { throw .badEmail }
        guard cursor.skip(UInt8(ascii: " ")) else { throw .missingSpaceBeforeDate }
        try checkDate(&cursor)
        guard let zone = cursor.line(), isZone(zone) else { throw .badTimezone }
    }

    /// Checks the seconds since 1970 and the space behind them.
    private static func checkDate(_ cursor: inout HeaderCursor) throws(ObjectError) {
        let startsWithZero = cursor.peek == UInt8(ascii: "0")
        let (seconds, overflow) = cursor.decimal()
        guard !overflow else { throw .badDateOverflow }
        guard let seconds else { throw .badDate }
        guard !startsWithZero || (seconds == 0 && cursor.isOneDigitBehind) else { throw .zeroPaddedDate }
        guard cursor.skip(UInt8(ascii: " ")) else { throw .badDate }
    }

    private static func isZone(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 5, text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-") else { return false }
        return text.dropFirst().allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}

extension HeaderCursor {
    /// Whether the byte before the last one is a space: the number just read has one digit.
    fileprivate var isOneDigitBehind: Bool { byte(before: 2) == UInt8(ascii: " ") }
}
