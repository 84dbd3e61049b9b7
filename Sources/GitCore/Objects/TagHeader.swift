/// What peeling needs of an annotated tag.
package struct TagHeader: Equatable, Sendable {
    /// The tagged object.
    package var target: ObjectID
    /// The type the tag claims for it.
    package var targetType: ObjectType
    /// The name on the `tag` line, without `refs/tags/`; empty when the line is missing.
    package var name: [UInt8]

    /// Reads the content of a tag object.
    ///
    /// - Throws: `missingObject`, `badObjectSha1`, `missingTypeEntry`, `missingType` or `badType`.
    package init(parsing bytes: UnsafeRawBufferPointer) throws(ObjectError) {
        var cursor = HeaderCursor(bytes)
        (target, targetType) = try Self.readTarget(&cursor)
        name = []
        guard cursor.skip("tag "), let line = cursor.line() else { return }
        name = Array(line)
    }

    /// Reads the lines `object` and `type`, the first two of every tag.
    static func readTarget(_ cursor: inout HeaderCursor) throws(ObjectError) -> (ObjectID, ObjectType) {
        guard cursor.skip("object ") else { throw .missingObject }
        guard let target = cursor.objectIDLine() else { throw .badObjectSha1 }
        guard cursor.skip("type ") else { throw .missingTypeEntry }
        guard let word = cursor.line() else { throw .missingType }
        guard let type = ObjectType(word: word) else { throw .badType }
        return (target, type)
    }
}

extension ObjectType {
    /// Reads the word of a `type` line by its bytes; nil for anything else.
    init?(word: UnsafeRawBufferPointer) {
        if word.elementsEqual("commit".utf8) {
            self = .commit
        } else if word.elementsEqual("tree".utf8) {
            self = .tree
        } else if word.elementsEqual("blob".utf8) {
            self = .blob
        } else if word.elementsEqual("tag".utf8) {
            self = .tag
        } else {
            return nil
        }
    }
}
