import GitCore
import GranaryTesting
import Testing

/// Other processes join packs while somebody looks.
@Suite struct PackDirectoryTests {
    /// Of two packs with the same object one is always there, and they take turns.
    @Test func noMomentHidesWhatIsThere() async throws {
        let workshop = try Workshop()
        var packs: [String] = []
        let blob = try publish(["one"], workshop)
        packs.append(try #require(workshop.repository.packs.current().packs.first).name)
        _ = try publish(["one", "two"], workshop)
        packs += try workshop.repository.packs.current().packs.map(\.name).filter { $0 != packs[0] }
        try #require(packs.count == 2)
        let path = workshop.repository.packs.path
        let mover = Task {
            // The new one comes before the old one goes, as maintenance does it.
            while !Task.isCancelled {
                for (old, new) in [(packs[0], packs[1]), (packs[1], packs[0])] {
                    if Directories.modificationTime("\(path)/\(new).idx") == nil {
                        try Directories.rename("\(path)/\(new).away", to: "\(path)/\(new).idx")
                    }
                    try Directories.rename("\(path)/\(old).idx", to: "\(path)/\(old).away")
                    await Task.yield()
                }
            }
        }
        defer { mover.cancel() }
        for _ in 0..<2_000 {
            let fresh = PackDirectory(path: path, files: PackFileCache(limit: 4))
            #expect(try fresh.current().contains(blob))
        }
    }

    /// An index whose pack is gone is what a crash has left: it is nobody's, and in nobody's way.
    @Test func anIndexWithoutAPackIsLeftOut() async throws {
        let workshop = try Workshop()
        let blob = try publish(["one"], workshop)
        let pack = try #require(workshop.repository.packs.current().packs.first)
        try Directories.removeTree("\(workshop.repository.packs.path)/\(pack.name).pack")
        let fresh = PackDirectory(path: workshop.repository.packs.path, files: PackFileCache(limit: 4))
        #expect(try !fresh.current().contains(blob))
    }

    /// Publishes a pack of blobs; gives the first.
    private func publish(_ contents: [String], _ workshop: Workshop) throws -> ObjectID {
        var builder = PackBuilder()
        let blobs = try contents.map { try builder.add(.blob, Array($0.utf8)) }
        let quarantine = try workshop.quarantine()
        try workshop.receive(try builder.finish(), piece: .max, into: quarantine, tips: blobs)
        try quarantine.publish()
        quarantine.settle()
        return try #require(blobs.first)
    }
}
