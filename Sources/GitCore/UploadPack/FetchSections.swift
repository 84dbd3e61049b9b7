package import NIOCore

extension ByteBuffer {
    /// Writes a line of a `fetch` response of protocol v2: with a band byte in front when the client asked for it.
    ///
    /// - Source: gitprotocol-v2(5) "sideband-all".
    package mutating func writeResponseLine(_ text: String, sidebandAll: Bool) {
        if sidebandAll {
            writeSideBand(.data, Array((text + "\n").utf8), limit: .large)
        } else {
            writePktLine(text)
        }
    }

    /// Writes the section `wanted-refs` without the delim-pkt that ends it.
    package mutating func writeWantedRefs(_ refs: [(name: String, oid: ObjectID)], sidebandAll: Bool) {
        writeResponseLine("wanted-refs", sidebandAll: sidebandAll)
        for ref in refs { writeResponseLine("\(ref.oid) \(ref.name)", sidebandAll: sidebandAll) }
    }
}

/// What changes at the boundary of a shallow client.
package struct ShallowUpdate: Sendable, Hashable {
    /// Commits that are sent without their parents.
    package var shallow: [ObjectID]
    /// Commits that the client listed as shallow, whose parents it will have.
    package var unshallow: [ObjectID]

    /// A change of the boundary.
    package init(shallow: [ObjectID] = [], unshallow: [ObjectID] = []) {
        self.shallow = shallow
        self.unshallow = unshallow
    }

    /// Writes the answer that v0 and v1 clients wait for after a request with a depth, its flush-pkt included.
    ///
    /// - Source: gitprotocol-pack(5) "Packfile Negotiation", `shallow-update`.
    package func write(into buffer: inout ByteBuffer) {
        writeLines(into: &buffer, sidebandAll: false)
        buffer.writeFlushPkt()
    }

    /// Writes the section `shallow-info` of protocol v2 without the delim-pkt that ends it.
    package func writeSection(into buffer: inout ByteBuffer, sidebandAll: Bool) {
        buffer.writeResponseLine("shallow-info", sidebandAll: sidebandAll)
        writeLines(into: &buffer, sidebandAll: sidebandAll)
    }

    private func writeLines(into buffer: inout ByteBuffer, sidebandAll: Bool) {
        for oid in shallow { buffer.writeResponseLine("shallow \(oid)", sidebandAll: sidebandAll) }
        for oid in unshallow { buffer.writeResponseLine("unshallow \(oid)", sidebandAll: sidebandAll) }
    }
}
