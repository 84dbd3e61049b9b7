package import NIOCore

/// Arguments of the command `ls-refs`.
///
/// - Source: gitprotocol-v2(5) "ls-refs".
package struct LsRefsRequest: Sendable, Hashable {
    /// Whether annotated tags come with what they point to.
    package var peel = false
    /// Whether `HEAD` comes with the branch it names.
    package var symrefs = false
    /// Whether `HEAD` is listed while its branch does not exist; needs `symrefs`, since its target is all there is to say.
    package var unborn = false
    /// Only names that start with one of these are listed; all when there are none.
    package var prefixes: [[UInt8]] = []

    /// Asks for all refs without more.
    package init() {}

    /// The answer, in buffers of about 64 KiB, up to and including the flush-pkt.
    ///
    /// Costs as much as the matching refs, not as all refs. Hidden refs are left out; refs that only the server writes are
    /// listed when a prefix names their namespace.
    package func response(from snapshot: RefSnapshot) -> LsRefsResponse {
        LsRefsResponse(to: self, from: snapshot)
    }
}

/// The buffers of an answer to `ls-refs`.
package struct LsRefsResponse: Sequence, IteratorProtocol, Sendable {
    private let request: LsRefsRequest
    private let snapshot: RefSnapshot
    /// Indexes of refs that are still to be written.
    private var remaining: [Range<Int>]
    private var isHeadWritten = false
    private var isFinished = false

    /// A buffer is handed out once it holds this many bytes; one line more may be in it.
    private static let chunkBytes = 64_000

    fileprivate init(to request: LsRefsRequest, from snapshot: RefSnapshot) {
        self.request = request
        self.snapshot = snapshot
        // The last range first, so that taking the next one is cheap.
        remaining = snapshot.ranges(for: request.prefixes).reversed()
    }

    /// The next buffer; nil after the one that ends with the flush-pkt.
    package mutating func next() -> ByteBuffer? {
        guard !isFinished else { return nil }
        var buffer = ByteBuffer()
        if !isHeadWritten {
            writeHead(into: &buffer)
            isHeadWritten = true
        }
        while let range = remaining.popLast() {
            let end = write(range, into: &buffer)
            guard end == range.upperBound else {
                remaining.append(end..<range.upperBound)
                return buffer
            }
        }
        buffer.writeFlushPkt()
        isFinished = true
        return buffer
    }

    /// Writes refs until the range or the buffer is used up; answers where it stopped.
    private func write(_ range: Range<Int>, into buffer: inout ByteBuffer) -> Int {
        for index in range {
            guard buffer.readableBytes < Self.chunkBytes else { return index }
            write(snapshot.refs[index], into: &buffer)
        }
        return range.upperBound
    }

    private func write(_ ref: Ref, into buffer: inout ByteBuffer) {
        buffer.writePktLine { line in
            line.writeHex(ref.oid)
            line.writeInteger(UInt8(ascii: " "))
            line.writeBytes(ref.name.bytes)
            if request.peel, let peeled = ref.peeled {
                line.writeString(" peeled:")
                line.writeHex(peeled)
            }
            line.writeInteger(UInt8(ascii: "\n"))
        }
    }

    private func writeHead(into buffer: inout ByteBuffer) {
        let isAsked = request.prefixes.isEmpty || request.prefixes.contains { "HEAD".utf8.starts(with: $0) }
        guard isAsked, !snapshot.headTarget.isHidden else { return }
        let head = snapshot.head
        guard head != nil || (request.unborn && request.symrefs) else { return }
        buffer.writePktLine { line in
            line.writeString("\(head?.oid.hex ?? "unborn") HEAD")
            if request.symrefs {
                line.writeString(" symref-target:")
                line.writeBytes(snapshot.headTarget.bytes)
            }
            line.writeInteger(UInt8(ascii: "\n"))
        }
    }
}

extension RefSnapshot {
    /// The refs that an answer to `ls-refs` lists, as ascending ranges that do not touch each other's refs.
    fileprivate func ranges(for prefixes: [[UInt8]]) -> [Range<Int>] {
        let hidden = RefName.hiddenNamespaces.map { range(withPrefix: Array($0.utf8)) }
        let unasked = RefName.serverOwnedNamespaces.map { range(withPrefix: Array($0.utf8)) }
        let prefixes = prefixes.isEmpty ? [[]] : prefixes
        var listed: [Range<Int>] = []
        for prefix in prefixes {
            let namesServerOwned = RefName.serverOwnedNamespaces.contains { prefix.starts(with: $0.utf8) }
            let range = range(withPrefix: prefix)
            guard !range.isEmpty else { continue }
            listed += range.subtracting(namesServerOwned ? hidden : hidden + unasked)
        }
        return merged(listed)
    }

    private func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = merged.last, range.lowerBound <= last.upperBound else {
                merged.append(range)
                continue
            }
            merged[merged.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
        }
        return merged
    }
}

extension Range<Int> {
    /// What is left of this range without `holes`.
    fileprivate func subtracting(_ holes: [Range<Int>]) -> [Range<Int>] {
        holes.reduce([self]) { pieces, hole in
            pieces.flatMap { piece in
                hole.isEmpty || !piece.overlaps(hole)
                    ? [piece]
                    : [
                        piece.lowerBound..<Swift.max(piece.lowerBound, hole.lowerBound),
                        Swift.min(piece.upperBound, hole.upperBound)..<piece.upperBound,
                    ].filter { !$0.isEmpty }
            }
        }
    }
}
