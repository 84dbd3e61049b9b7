import Access
import HubCore
import LFS
import Metadata
import NIOCore
import ObjectStore
import OpenSSLKit
import Testing
import Xet

extension World {
    var xet: XetAccess { hub.xet }

    /// What a client with a token for writing is.
    func writer(_ address: RepositoryAddress, _ actor: Actor) async throws -> XetAccess.Caller {
        try await xet.admit(try await xet.passForWriting(address, by: actor).token)
    }

    /// What a client with a token for reading is.
    func reader(_ address: RepositoryAddress, _ actor: Actor) async throws -> XetAccess.Caller {
        try await xet.admit(try await xet.passForReading(address, by: actor).token)
    }

    /// Sends a xorb.
    @discardableResult
    func send(_ xorb: CraftedXorb, by caller: XetAccess.Caller) async throws -> Bool {
        try await xet.upload(xorb.hash, length: Int64(xorb.bytes.count), bytes: Body(xorb.bytes), by: caller)
    }

    /// Sends xorbs and registers files.
    func register(_ files: [CraftedFile], _ xorbs: [CraftedXorb], by caller: XetAccess.Caller) async throws {
        for xorb in xorbs { try await send(xorb, by: caller) }
        try await xet.register(try UploadShard(files, xorbs), by: caller)
    }

    /// A range of a file as a client of chunks downloads it: reconstruction, then each range by its link.
    func assemble(
        _ hash: XetHash,
        _ range: Range<UInt64> = 0..<UInt64.max,
        by caller: XetAccess.Caller
    ) async throws -> [UInt8]? {
        guard let found = try await xet.reconstruction(of: hash, range, for: caller) else { return nil }
        var chunks: [XetHash: [Int: [UInt8]]] = [:]
        for fetch in found.fetches {
            for range in fetch.ranges {
                let data = try await fetched(fetch, range.storedBytes)
                for (index, chunk) in zip(range.chunks, try Self.decoded(data)) {
                    chunks[fetch.xorb, default: [:]][index] = chunk
                }
            }
        }
        var bytes: [UInt8] = []
        for term in found.plan.terms {
            let content = try term.chunks.flatMap { try #require(chunks[term.xorb]?[$0]) }
            #expect(content.count == term.rawLength)
            bytes += content
        }
        bytes.removeFirst(found.plan.offsetIntoFirstRange)
        return Array(bytes.prefix(found.plan.length))
    }

    /// A range of a xorb by a link.
    func fetched(_ fetch: XetReconstruction.Fetch, _ range: Range<Int>?) async throws -> [UInt8] {
        try await fetched(fetch.xorb, fetch.link.query, range)
    }

    /// A range of a xorb by the query of a link.
    func fetched(_ xorb: XetHash, _ query: String, _ range: Range<Int>?) async throws -> [UInt8] {
        let data = try await xet.data(xorb, items: Self.items(query), ranges: range.map { [$0] } ?? [])
        var bytes: [UInt8] = []
        for range in data.ranges {
            let source = try await data.bytes(range)
            for try await piece in source { bytes += Array(piece.readableBytesView) }
        }
        #expect(bytes.count == data.ranges.reduce(0) { $0 + $1.count })
        return bytes
    }

    static func items(_ query: String) -> [(name: String, value: String)] {
        query.split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (name: pair[0], value: pair.count > 1 ? pair[1] : "")
        }
    }

    /// The raw bytes of each serialized chunk.
    static func decoded(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let decoder = try ChunkRangeDecoder()
        var chunks: [[UInt8]] = []
        try bytes.withUnsafeBytes { try decoder.take($0) { raw in chunks.append(Array(raw)) } }
        try decoder.finish()
        return chunks
    }

    /// A range of a large file as everybody else reads it.
    func read(
        _ object: LFSObject,
        _ range: Range<Int64>?,
        from address: RepositoryAddress,
        by actor: Actor
    ) async throws -> [UInt8] {
        guard case .download(let get) = try await outcome(.download, object, at: address, by: actor) else {
            throw LFSFailure(status: 404, "no action")
        }
        let download = try await lfs.download(try await lfs.admit(try Self.signed(get)))
        return try await Self.bytes(try await download.read(range))
    }

    /// Collects garbage, with the hub's clock far ahead of that of the files.
    @discardableResult
    func collect(_ configure: (inout LFSCollectionPlan) -> Void = { _ in }) async throws -> LFSCollectionReport {
        var plan = LFSCollectionPlan()
        (plan.graceSeconds, plan.quarantineSeconds, plan.chunkGraceSeconds) = (0, 3_000 * 86_400, 0)
        configure(&plan)
        return try await lfs.collect(plan, by: .operator)
    }

    /// Objects in the store.
    func stored() async throws -> Int { try await objects.list(after: nil, limit: 1_000).count }
}

/// Expects a refusal with a status.
func expectRefusal(
    _ status: Int,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("expected \(status), nothing was thrown", sourceLocation: sourceLocation)
    } catch let failure as XetFailure {
        #expect(failure.status == status, "\(failure)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected \(status), not \(error)", sourceLocation: sourceLocation)
    }
}

/// A repository of a user, and what it takes to fill it by chunks.
struct XetScene {
    let world: World
    let ada: Actor
    let address: RepositoryAddress
    let caller: XetAccess.Caller
    /// Nine chunks, some of which can be compressed.
    let xorb: CraftedXorb
    /// Chunks of the xorb, some twice and out of order.
    let file: CraftedFile

    init(
        hasGit: Bool = false,
        _ configure: (inout HubSettings) -> Void = { _ in },
        objects wrap: (any ObjectStore) -> any ObjectStore = { $0 }
    ) async throws {
        world = try await World.withKey(hasGit: hasGit, configure, objects: wrap)
        ada = try await world.user("ada")
        address = try await world.create("model/ada/one", by: ada).address
        caller = try await world.writer(address, ada)
        var content = chunks([9_000, 20_000, 8_192, 131_072, 1, 30_000], seed: 1)
        content += [
            [UInt8](repeating: 0, count: 100_000), Array(repeating: [1, 2, 3, 4], count: 9_000).flatMap(\.self),
        ]
        content.append(noise(77, 5))
        xorb = try CraftedXorb(content)
        file = try CraftedFile([(xorb, 0..<5), (xorb, 6..<9), (xorb, 2..<4), (xorb, 2..<4)])
    }
}
