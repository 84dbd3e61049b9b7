/// Checks of commits, trees and tags that come from outside: what `git fsck` refuses, plus our limits.
///
/// Git knows errors, warnings and notes. Errors are refused here. Of the warnings, those about names in trees are
/// refused; zero-padded modes, null ids in trees and NUL in messages are tolerated, because old histories hold them.
/// Notes are tolerated, except modes that git never wrote. Existence and types of linked objects are not checked here.
///
/// - Source: git-fsck(1) "FSCK MESSAGES"; `ObjectError` has its names.
package enum ObjectChecker {
    /// Checks any structured object by its type; blobs always pass.
    package static func check(
        _ bytes: UnsafeRawBufferPointer,
        type: ObjectType,
        limits: GitLimits = .standard,
        links: inout some LinkSink,
        special: inout SpecialBlobs
    ) throws(ObjectError) {
        switch type {
        case .commit: try checkCommit(bytes, limits: limits, links: &links)
        case .tree: try checkTree(bytes, limits: limits, links: &links, special: &special)
        case .tag: try checkTag(bytes, limits: limits, links: &links)
        case .blob: break
        }
    }

    /// Finds the end of the header: behind the newline of its last line.
    ///
    /// - Throws: `nulInHeader`, `unterminatedHeader`, or `messageTooLarge` for what follows.
    static func headerEnd(of bytes: UnsafeRawBufferPointer, limits: GitLimits) throws(ObjectError) -> Int {
        var atLineStart = false
        for position in bytes.indices {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\n") {
                guard atLineStart else {
                    atLineStart = true
                    continue
                }
                guard bytes.count - position <= limits.objectParts.messageBytes else { throw .messageTooLarge }
                return position
            }
            guard byte != 0 else { throw .nulInHeader }
            atLineStart = false
        }
        // A commit without an empty line and without a message is legal.
        guard atLineStart else { throw .unterminatedHeader }
        return bytes.count
    }
}
