import Metadata
package import ObjectStore
package import Xet

/// Ranges of a stored xorb that a client may read.
package struct XorbData: Sendable {
    /// Bytes of the whole serialized xorb.
    package let length: Int
    /// The ranges: at least one, ascending.
    package let ranges: [Range<Int>]
    /// The object that has the xorb as it is serialized; nil when it is put together.
    package let object: LFSDownload?
    /// The bytes of one of the ranges, to be read once.
    package let bytes: @Sendable (Range<Int>) async throws -> ByteSourceLike
}

extension XetAccess {
    /// Opens ranges of a xorb for whoever has a link.
    ///
    /// - Parameters:
    ///   - items: the query, decoded.
    ///   - ranges: what the request asks for; none for the one range that the link is for.
    /// - Throws: `XetFailure` 403 for a link that is not valid or has ended, 416.
    package func data(
        _ hash: XetHash,
        items: [(name: String, value: String)],
        ranges: [Range<Int>]
    ) async throws -> XorbData {
        // Of one that is not here there is no valid link.
        guard items.count == XetLink.itemCount, let xorb = try await storage.xorbs([hash])[hash],
            let link = XetLink(hash, at: xorb.oid, items: items, signedBy: try key(XetLink.purpose))
        else { throw XetFailure(status: 403, "This link is not valid.") }
        guard environment.now().seconds < link.expiresAt else {
            throw XetFailure(status: 403, "This link has ended. Ask for the reconstruction again.")
        }
        let wanted = ranges.isEmpty && link.ranges.count == 1 ? link.ranges : ranges
        guard !wanted.isEmpty, wanted.allSatisfy({ link.covers($0) }) else {
            throw XetFailure(status: 416, "This link is for other ranges.")
        }
        // Nobody gets the same bytes again and again for one request.
        guard zip(wanted, wanted.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound }) else {
            throw XetFailure(status: 416, "The ranges overlap, or are out of order.")
        }
        let storage = storage
        let object =
            xorb.rawOffset == nil ? try await lfs.download(xorb.oid, size: Int64(xorb.index.storedLength)) : nil
        return XorbData(length: xorb.index.storedLength, ranges: wanted, object: object) {
            try await storage.serialized(xorb, $0)
        }
    }
}
