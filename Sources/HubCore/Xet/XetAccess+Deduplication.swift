import Metadata
import OpenSSLKit
package import Xet

extension XetAccess {
    /// For so many seconds a client may build on what a reply has named; xorbs are kept for longer.
    private static let replySeconds: Int64 = 3 * 86_400
    /// The key of chunk hashes in replies changes with the day.
    private static let keySeconds: Int64 = 86_400

    /// Xorbs of a reply; each has about 48 KiB there and 64 MiB of content.
    private static let xorbsOfReply = 32
    /// Chunks of those that follow: twice what so many xorbs of ordinary chunks have.
    private static let chunksOfReply: Int64 = 65_536

    /// The shard that answers a query for a chunk: the xorb that has it, and those that follow it in a file, with the keyed
    /// hashes of all their chunks.
    ///
    /// Clients ask for few of their chunks, so what is likely to come next is told at once.
    /// - Returns: nil when the caller's scope knows of no such chunk.
    package func reply(toQueryFor chunk: XetHash, by caller: Caller) async throws -> [UInt8]? {
        // Who only reads is not told what is in other repositories of the scope.
        guard caller.mayWrite else { return nil }
        let (text, scope) = (chunk.description, caller.scope)
        guard let record = try await database.read({ try $0.xorb(withChunk: text, in: scope) }) else { return nil }
        let xorbs = try await [XorbStorage.Xorb(record)] + followers(of: record.hash, in: scope)
        let now = environment.now()
        // Named to a client, they are in use.
        try await touch(xorbs.map(\.hash), at: now)
        let day = now.seconds / Self.keySeconds
        let code = try key("granary xet dedup v1").sign(Array("\(scope) \(day)".utf8))
        guard let key = XetHash(raw: code) else { return nil }
        return DedupReply(
            xorbs: xorbs.map { DedupReply.Xorb(hash: $0.hash, index: $0.index) },
            key: key,
            created: UInt64(clamping: now.seconds),
            expires: UInt64(clamping: now.seconds + Self.replySeconds)
        ).bytes
    }

    /// The xorbs that follow one in the youngest file that has it, as far as the scope knows them.
    private func followers(of hash: String, in scope: String) async throws -> [XorbStorage.Xorb] {
        guard let file = try await database.read({ try $0.xetFile(withXorb: hash) }) else { return [] }
        var order: [XetHash] = []
        let start = XetHash(hash)
        for term in try FileTerm.unpacked(file.terms).drop(while: { $0.xorb != start }) {
            guard order.count < Self.xorbsOfReply else { break }
            if term.xorb != start, !order.contains(term.xorb) { order.append(term.xorb) }
        }
        let texts = order.map(\.description)
        let places = try await database.read { try $0.xorbPlaces(texts, in: scope) }
        // The hash of a xorb of one chunk is that of the chunk: whoever is told it could prove to have what it never had.
        order.removeAll { places[$0.description]?.chunks ?? 0 < 2 }
        // Xorbs of tiny chunks have many: the reply is bounded by what it says.
        var chunks: Int64 = 0
        let told = order.prefix { xorb in
            chunks += places[xorb.description]?.chunks ?? 0
            return chunks <= Self.chunksOfReply
        }
        let known = try await storage.xorbs(Set(told), in: scope)
        return told.compactMap { known[$0] }
    }

    /// Notes that xorbs are in use, unless that was noted lately: queries do not each wait for the one who writes.
    func touch(_ hashes: [XetHash], at now: Timestamp) async throws {
        let texts = hashes.map(\.description)
        let isOld = try await database.read { records in
            try records.hasXorb(texts, usedBefore: now.adding(seconds: -Self.touchSeconds))
        }
        guard isOld else { return }
        try await database.transaction { try $0.touchXorbs(texts, at: now) }
    }

    /// Little against the weeks for which xorbs stay.
    private static let touchSeconds: Int64 = 3_600
}
