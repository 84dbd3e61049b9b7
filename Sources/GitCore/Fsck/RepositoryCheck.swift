import OpenSSLKit

/// Reads a whole repository again and says what is wrong: `granary fsck`.
///
/// Every pack goes through the same parser, object checks and link checks as when it was pushed; in addition indexes are
/// compared with what the packs really hold, and refs with the objects. Memory as for a push of the largest pack.
package struct RepositoryCheck {
    private let repository: GitRepository
    private let snapshot: RefSnapshot
    private let limits: GitLimits

    /// Bytes that are read at a time.
    private static let pieceBytes = 1 << 20
    /// Deltas between two looks at whether somebody still wants to know.
    private static let deltasAtOnce = 1_000

    package init(_ repository: GitRepository, _ snapshot: RefSnapshot) {
        self.repository = repository
        self.snapshot = snapshot
        // Limits may have been lowered since the packs came in, and completed thin packs are larger than what was sent.
        var limits = GitLimits.standard
        limits.packBytes = .max
        limits.objectsPerPack = Int(UInt32.max)
        limits.objectBytes = .max
        limits.expansionFree = .max
        limits.deltaDepth = 1_000_000
        self.limits = limits
    }

    /// What is wrong, a sentence each; empty when nothing is.
    package func findings() throws -> [String] {
        let packs: PackSet
        do {
            packs = try repository.packs.current()
        } catch {
            return ["a pack cannot be opened: \(error)"]
        }
        var findings: [String] = []
        for pack in packs.packs {
            try Task.checkCancellation()
            do {
                findings += try check(pack, among: packs)
            } catch let refusal as PackRefusal {
                findings.append("\(pack.name): \(refusal.message)")
            } catch {
                findings.append("\(pack.name): \(error)")
            }
        }
        findings += try checkRefs(packs)
        return findings
    }

    private func check(_ pack: Pack, among packs: PackSet) throws -> [String] {
        let isIndexIntact = try pack.index.hasValidChecksum { bytes in
            let checksum = try SHA1Stream()
            try checksum.update(bytes)
            return try checksum.finalize()
        }
        guard isIndexIntact else { return ["\(pack.name).idx: the checksum is wrong"] }
        let incoming = try IncomingPack(stored: pack, directory: repository.quarantinePath, limits: limits)
        let reader = try ObjectReader(packs)
        try read(pack, into: PackReceiver(incoming))
        let resolver = try DeltaResolver(incoming, repository: reader)
        while try resolver.step(Self.deltasAtOnce) { try Task.checkCancellation() }
        guard resolver.missingBases.isEmpty else { return ["\(pack.name): the base of a delta lies in another pack"] }
        let connectivity = try Connectivity(incoming, repository: reader)
        try connectivity.verifyLinks()
        try connectivity.verifySpecialBlobs { try reader.object($0, limit: limits.objectBytesInMemory) }
        return compare(connectivity.indexEntries, with: pack)
    }

    private func read(_ pack: Pack, into receiver: PackReceiver) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        let file = try pack.file()
        var position: Int64 = 0
        while position < pack.size {
            try Task.checkCancellation()
            let count = try file.read(into: buffer, at: position)
            guard count > 0 else { break }
            try receiver.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += Int64(count)
        }
        try receiver.finish()
    }

    private func compare(_ entries: [IndexedEntry], with pack: Pack) -> [String] {
        guard entries.count == pack.index.count else { return ["\(pack.name).idx: the number of objects is wrong"] }
        for (position, entry) in entries.enumerated() {
            let isRight =
                pack.index.oid(at: position) == entry.oid && pack.index.crc32(at: position) == entry.crc32
                && pack.index.offset(at: position) == entry.offset
            guard isRight else { return ["\(pack.name).idx: the row of object \(entry.oid) is wrong"] }
        }
        return []
    }

    private func checkRefs(_ packs: PackSet) throws -> [String] {
        let reader = try ObjectReader(packs)
        let table = CommitTable(reader, usesGraph: false)
        var findings: [String] = []
        for ref in snapshot.refs {
            try Task.checkCancellation()
            guard let header = try reader.header(of: ref.oid) else {
                findings.append("\(ref.name): object \(ref.oid) is missing")
                continue
            }
            if ref.name.isBranch && header.type != .commit { findings.append("\(ref.name): is no commit") }
            let target = try table.peel(ref.oid)?.oid
            if target != ref.peeled ?? ref.oid { findings.append("\(ref.name): the peeled value is wrong") }
        }
        if try !PackedRefsFile.agrees(snapshot, in: repository.path) {
            findings.append("packed-refs and HEAD differ from the database")
        }
        return findings
    }
}
