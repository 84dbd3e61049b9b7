extension ObjectChecker {
    /// Checks the content of an annotated tag; its target goes to `links`.
    ///
    /// As in git, a missing tagger, a strange tag name and further header lines are tolerated.
    /// - Throws: the header errors of `ObjectError`, `messageTooLarge`.
    package static func checkTag(
        _ bytes: UnsafeRawBufferPointer,
        limits: GitLimits = .standard,
        links: inout some LinkSink
    ) throws(ObjectError) {
        let end = try headerEnd(of: bytes, limits: limits)
        var cursor = HeaderCursor(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        let (target, type) = try TagHeader.readTarget(&cursor)
        guard cursor.skip("tag ") else { throw .missingTagEntry }
        guard cursor.line() != nil else { throw .missingTag }
        if cursor.skip("tagger ") { try checkIdentity(&cursor) }
        links.link(to: target, expecting: type)
    }
}
