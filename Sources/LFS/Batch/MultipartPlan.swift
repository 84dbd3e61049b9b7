/// How a large object is cut into parts.
package struct MultipartPlan: Sendable, Equatable {
    /// Bytes of the whole object, at least 1.
    package let size: Int64
    /// Bytes of every part but the last.
    package let partSize: Int64
    /// 1 … 10 000.
    package let partCount: Int

    /// S3 numbers parts from 1 to this.
    package static let partLimit = 10_000
    /// Smallest part of a plan, unless a setting says otherwise.
    package static let usualPartSize: Int64 = 16 << 20
    private static let mebibyte: Int64 = 1 << 20
    /// S3 has no larger parts, and our plans follow it.
    private static let largestPart: Int64 = 5 << 30

    /// A plan with parts of `partSize`; nil when it would need none or more than 10 000.
    package init?(size: Int64, partSize: Int64) {
        guard size > 0, partSize > 0 else { return nil }
        let count = (size - 1) / partSize + 1
        guard count <= Int64(Self.partLimit) else { return nil }
        self.size = size
        self.partSize = partSize
        partCount = Int(count)
    }

    /// The plan for an object: parts as large as needed to have at most 10 000, in whole MiB.
    ///
    /// - Returns: nil for an empty object, and beyond 10 000 parts of 5 GiB.
    package static func usual(size: Int64, smallestPart: Int64 = usualPartSize) -> MultipartPlan? {
        guard size > 0 else { return nil }
        let needed = (size - 1) / Int64(partLimit) + 1
        let rounded = ((needed - 1) / mebibyte + 1) * mebibyte
        guard rounded <= largestPart else { return nil }
        return MultipartPlan(size: size, partSize: max(smallestPart, rounded))
    }

    /// The bytes of a part; nil for a number outside 1 … `partCount`.
    package func range(ofPart number: Int) -> Range<Int64>? {
        guard (1...partCount).contains(number) else { return nil }
        let start = Int64(number - 1) * partSize
        return start..<(number == partCount ? size : start + partSize)
    }

    /// The action that the Hugging Face clients read as a multipart upload.
    ///
    /// Its `header` holds `chunk_size` and one URL per part under a decimal number, and nothing else: their git-lfs agent
    /// takes the values in the order of the names as texts, hence zeros in front.
    /// - Parameters:
    ///   - completion: the URL that takes the list of parts.
    ///   - parts: one URL per part, in order; nil is answered for another number of them.
    package func action(completion: String, parts: [String], expiresIn: Int, expiresAt: Int64?) -> LFSAction? {
        guard parts.count == partCount else { return nil }
        let width = String(Self.partLimit).count
        let urls = parts.enumerated().map { index, url in
            let number = String(index + 1)
            return LFSAction.Field(String(repeating: "0", count: width - number.count) + number, url)
        }
        return LFSAction(
            href: completion,
            header: [LFSAction.Field("chunk_size", String(partSize))] + urls,
            expiresIn: expiresIn,
            expiresAt: expiresAt
        )
    }
}
