/// The check of `.gitattributes` blobs, which git's attribute reader has to survive.
///
/// Takes the blob in pieces.
///
/// - Source: git-fsck(1) `gitattributesLarge`, `gitattributesLineLength`; CVE-2022-23521.
package struct GitattributesCheck: Sendable {
    private let lineBytes: Int
    private var column = 0

    /// Starts with a blob that `SpecialBlobs.gitattributes` names.
    ///
    /// - Parameter size: bytes of the whole blob.
    /// - Throws: `gitattributesLarge`.
    package init(size: Int64, limits: GitLimits = .standard) throws(ObjectError) {
        guard size <= limits.objectParts.gitattributesBytes else { throw .gitattributesLarge }
        lineBytes = limits.objectParts.gitattributesLineBytes
    }

    /// Takes the next bytes.
    ///
    /// - Throws: `gitattributesLineLength`.
    package mutating func update(_ chunk: UnsafeRawBufferPointer) throws(ObjectError) {
        for byte in chunk {
            if byte == UInt8(ascii: "\n") {
                column = 0
                continue
            }
            column += 1
            guard column < lineBytes else { throw .gitattributesLineLength }
        }
    }

    /// Checks a whole blob.
    package static func check(
        _ bytes: UnsafeRawBufferPointer,
        limits: GitLimits = .standard
    ) throws(ObjectError) {
        var check = try GitattributesCheck(size: Int64(bytes.count), limits: limits)
        try check.update(bytes)
    }
}
