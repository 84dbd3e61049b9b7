package import NIOCore

/// Arguments of the command `object-info`: facts about objects without their content.
///
/// - Source: gitprotocol-v2(5) "object-info".
package struct ObjectInfoRequest: Sendable, Hashable {
    /// Whether sizes are asked for, the only fact there is.
    package var size = false
    /// Which objects, in the client's order.
    package var oids: [ObjectID] = []

    /// Asks for nothing.
    package init() {}

    /// Writes the line that names the facts which follow; nothing when none was asked for.
    package func writeHeader(into buffer: inout ByteBuffer) {
        if size { buffer.writePktLine("size") }
    }

    /// Writes the answer for one object; a flush-pkt ends the list.
    ///
    /// - Parameter bytes: the object's size; nil when this reader has no such object, then nothing follows the space.
    package func writeLine(_ oid: ObjectID, size bytes: Int64?, into buffer: inout ByteBuffer) {
        guard size else { return buffer.writePktLine(oid.hex) }
        buffer.writePktLine("\(oid.hex) \(bytes.map { "\($0)" } ?? "")")
    }
}
