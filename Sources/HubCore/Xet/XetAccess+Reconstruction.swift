import Metadata
package import Xet

/// How a range of a file is fetched and put together, with a link for what is fetched.
package struct XetReconstruction: Sendable {
    /// What to do.
    package let plan: ReconstructionPlan
    /// Ranges of a xorb that one URL is good for.
    package let fetches: [Fetch]

    /// A plan with what is fetched for it.
    package init(plan: ReconstructionPlan, fetches: [Fetch]) {
        self.plan = plan
        self.fetches = fetches
    }

    /// Some ranges of one xorb.
    package struct Fetch: Sendable {
        /// The xorb.
        package let xorb: XetHash
        /// Ascending.
        package let ranges: [ReconstructionPlan.FetchRange]
        /// What goes behind the path of the URL that leads to all.
        package let link: XetLink
        /// Likewise for each range alone; with all of them in each, an answer would grow with their square.
        package let links: [XetLink]

        /// Ranges with their links.
        package init(xorb: XetHash, ranges: [ReconstructionPlan.FetchRange], link: XetLink, links: [XetLink]) {
            self.xorb = xorb
            self.ranges = ranges
            self.link = link
            self.links = links
        }
    }
}

/// How several whole files are put together.
package struct XetBatch: Sendable {
    /// The files, and which terms of the reconstruction are theirs.
    package let files: [(hash: XetHash, terms: Range<Int>)]
    /// All of them, one behind the other.
    package let reconstruction: XetReconstruction
}

extension XetAccess {
    /// Ranges that one URL is good for; more would make it too long.
    private static let rangesPerLink = 250
    /// How long a link is good: a client asks anew when it has ended.
    private static let linkSeconds: Int64 = 3_600
    /// Terms of one answer: clients ask for a part of a large file after the other.
    private static let mostTerms = 250_000
    /// Chunks of all xorbs whose indexes are read for one answer.
    private static let mostChunks: Int64 = 4_000_000
    /// Answers up to this size are taken for small.
    private static let smallAnswer = 2 << 20

    /// Says how to put a range of a file together, as long as `body` runs: a large answer takes its share of memory.
    ///
    /// - Parameter client: as whom the caller is counted.
    /// - Returns: nil for a range at or behind the end.
    /// - Throws: `XetFailure` 404 for a file that the repository does not have, 400 for a range that touches too much;
    ///   `HubError.unavailable` when there is no room.
    package func reconstruction<Value>(
        of hash: XetHash,
        _ range: Range<UInt64>,
        for caller: Caller,
        as client: String,
        _ body: (XetReconstruction) async throws -> Value
    ) async throws -> Value? {
        guard let selection = try await selection(of: hash, range, caller) else { return nil }
        let chunks = try await chunkCount(of: selection)
        let weight = selection.terms.count * Self.bytesPerTerm + chunks * Self.bytesPerChunk
        guard weight > Self.smallAnswer else { return try await body(try await plan(selection)) }
        return try await room.take(weight, for: client) { try await body(try await plan(selection)) }
    }

    /// Of a term in memory, as a plan and as text.
    private static let bytesPerTerm = 512
    private static let bytesPerChunk = 40

    /// Says how to put a range of a file together.
    ///
    /// - Returns: nil for a range at or behind the end.
    /// - Throws: as the one above.
    package func reconstruction(
        of hash: XetHash,
        _ range: Range<UInt64>,
        for caller: Caller
    ) async throws -> XetReconstruction? {
        try await reconstruction(of: hash, range, for: caller, as: "") { $0 }
    }

    /// Files that one request may ask for.
    package static let mostFiles = 500

    /// Says how to put whole files together, as long as `body` runs; files that the repository does not have are left out.
    ///
    /// - Parameter client: as whom the caller is counted.
    /// - Throws: `XetFailure` 404 when it has none of them, 400 for too many; `HubError.unavailable` when there is no room.
    package func reconstructions<Value>(
        of hashes: [XetHash],
        for caller: Caller,
        as client: String,
        _ body: (XetBatch) async throws -> Value
    ) async throws -> Value {
        guard hashes.count <= Self.mostFiles else {
            throw XetFailure(status: 400, "A request is for at most \(Self.mostFiles) files.")
        }
        var (terms, files) = ([FileTerm](), [(hash: XetHash, terms: Range<Int>)]())
        for hash in Set(hashes) {
            guard let file = try await self.terms(of: hash, caller) else { continue }
            files.append((hash, terms.count..<terms.count + file.count))
            terms += file
            guard terms.count <= Self.mostTerms else { throw XetFailure.rangeTooLong }
        }
        guard let selection = TermSelection(of: terms, in: 0..<UInt64.max) else { throw XetFailure.unknownFile }
        let weight =
            selection.terms.count * Self.bytesPerTerm + (try await chunkCount(of: selection)) * Self.bytesPerChunk
        let (found, storage) = (files, self)
        return try await room.take(weight, for: client) {
            try await body(XetBatch(files: found, reconstruction: try await storage.plan(selection)))
        }
    }

    private func terms(of hash: XetHash, _ caller: Caller) async throws -> [FileTerm]? {
        let (text, id) = (hash.description, caller.repository.id)
        return try await database.read { try $0.xetFile(hash: text, repositoryID: id) }
            .map { try FileTerm.unpacked($0.terms) }
    }

    private func selection(
        of hash: XetHash,
        _ range: Range<UInt64>,
        _ caller: Caller
    ) async throws -> TermSelection? {
        guard let terms = try await terms(of: hash, caller) else { throw XetFailure.unknownFile }
        let selection = TermSelection(of: terms, in: range)
        guard selection?.terms.count ?? 0 <= Self.mostTerms else { throw XetFailure.rangeTooLong }
        return selection
    }

    private func chunkCount(of selection: TermSelection) async throws -> Int {
        let hashes = selection.xorbs.map(\.description)
        let places = try await database.read { try $0.xorbPlaces(hashes) }
        let chunks = places.values.reduce(0) { $0 + $1.chunks }
        guard chunks <= Self.mostChunks else { throw XetFailure.rangeTooLong }
        return Int(clamping: chunks)
    }

    private func plan(_ selection: TermSelection) async throws -> XetReconstruction {
        let xorbs = try await storage.xorbs(selection.xorbs)
        let plan = try ReconstructionPlan(selection, indexes: xorbs.mapValues(\.index))
        let key = try key(XetLink.purpose)
        let expiresAt = environment.now().seconds + Self.linkSeconds
        let fetches = try plan.fetches.flatMap { fetch in
            guard let oid = xorbs[fetch.xorb]?.oid else { throw ReconstructionError.unknownXorb(fetch.xorb) }
            return try stride(from: 0, to: fetch.ranges.count, by: Self.rangesPerLink).map { start in
                let ranges = Array(fetch.ranges[start..<min(start + Self.rangesPerLink, fetch.ranges.count)])
                let stored = ranges.map(\.storedBytes)
                let link = try XetLink(fetch.xorb, at: oid, stored, expiresAt: expiresAt, signedBy: key)
                let each = try stored.map { range in
                    ranges.count == 1
                        ? link : try XetLink(fetch.xorb, at: oid, [range], expiresAt: expiresAt, signedBy: key)
                }
                return XetReconstruction.Fetch(xorb: fetch.xorb, ranges: ranges, link: link, links: each)
            }
        }
        return XetReconstruction(plan: plan, fetches: fetches)
    }

    /// Bytes of a file; nil when the repository does not have it.
    package func size(of hash: XetHash, for caller: Caller) async throws -> Int64? {
        let (text, id) = (hash.description, caller.repository.id)
        return try await database.read { try $0.xetFile(hash: text, repositoryID: id) }?.size
    }
}
