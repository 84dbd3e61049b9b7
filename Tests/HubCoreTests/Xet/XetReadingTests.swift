import HubCore
import LFS
import Testing
import Xet

/// Files put together from chunks: any range, by every way, is that of the content.
@Suite struct XetReadingTests {
    /// Where something may go wrong: around ends of chunks and terms.
    private static func borders(of file: CraftedFile, _ xorb: CraftedXorb) -> [Int] {
        var ends: Set<Int> = [0, 1, file.content.count - 1, file.content.count]
        var start = 0
        for term in file.shard.terms {
            for chunk in xorb.chunks[term.chunks] {
                start += chunk.count
                ends.formUnion([start - 1, start, start + 1])
            }
        }
        return ends.filter { (0...file.content.count).contains($0) }.sorted()
    }

    @Test func everyRangeByReconstruction() async throws {
        let scene = try await XetScene()
        try await scene.world.register([scene.file], [scene.xorb], by: scene.caller)
        let borders = Self.borders(of: scene.file, scene.xorb)
        for (number, start) in borders.enumerated() {
            for end in borders.dropFirst(number + 1).enumerated().filter({ $0.offset % 5 == number % 5 }).map(\.element)
            {
                let bytes = try await scene.world.assemble(
                    scene.file.hash,
                    UInt64(start)..<UInt64(end),
                    by: scene.caller
                )
                #expect(bytes == Array(scene.file.content[start..<end]), "\(start)..<\(end)")
            }
        }
        let size = UInt64(scene.file.content.count)
        for beyond in [size..<size + 1, size..<UInt64.max, UInt64.max..<UInt64.max, 0..<0, 5..<5] {
            #expect(try await scene.world.assemble(scene.file.hash, beyond, by: scene.caller) == nil, "\(beyond)")
        }
        let tail = try await scene.world.assemble(scene.file.hash, size - 1..<UInt64.max, by: scene.caller)
        #expect(tail == [scene.file.content[Int(size) - 1]])
    }

    @Test func everyRangeByLFS() async throws {
        let scene = try await XetScene()
        try await scene.world.register([scene.file], [scene.xorb], by: scene.caller)
        let object = try scene.file.blob().object
        let borders = Self.borders(of: scene.file, scene.xorb)
        for (number, start) in borders.enumerated() {
            for end in borders.dropFirst(number).enumerated().filter({ $0.offset % 7 == number % 7 }).map(\.element) {
                let range = Int64(start)..<Int64(end)
                let bytes = try await scene.world.read(object, range, from: scene.address, by: scene.ada)
                #expect(bytes == Array(scene.file.content[start..<end]), "\(range)")
            }
        }
        let far = try await scene.world.read(object, object.size..<object.size + 9, from: scene.address, by: scene.ada)
        #expect(far.isEmpty)
        let clipped = try await scene.world.read(
            object,
            object.size - 3..<object.size + 9,
            from: scene.address,
            by: scene.ada
        )
        #expect(clipped == Array(scene.file.content.suffix(3)))
    }

    // MARK: Links

    @Test func linksAreForTheirRangesAndTheirTime() async throws {
        let scene = try await XetScene()
        try await scene.world.register([scene.file], [scene.xorb], by: scene.caller)
        // Chunk 3 only.
        let start = UInt64(9_000 + 20_000 + 8_192 + 10)
        let found = try #require(
            try await scene.world.xet.reconstruction(of: scene.file.hash, start..<start + 1, for: scene.caller)
        )
        let fetch = try #require(found.fetches.first)
        let range = try #require(fetch.ranges.first)
        #expect(range.chunks == 3..<4)
        let (first, end) = (range.storedBytes.lowerBound, range.storedBytes.upperBound)
        let serialized = Array(scene.xorb.bytes[range.storedBytes])
        #expect(try await scene.world.fetched(fetch, range.storedBytes) == serialized)
        #expect(try await scene.world.fetched(fetch, nil) == serialized)
        #expect(try await scene.world.fetched(fetch, first + 3..<end - 1) == Array(serialized[3..<end - 1 - first]))
        for other in [0..<end, first - 1..<end, first..<end + 1, 0..<1, end..<end + 1, 0..<Int.max] {
            await expectRefusal(416) { _ = try await scene.world.fetched(fetch, other) }
        }
        let query = fetch.link.query
        let wrong = [
            "", "a=b", "ranges=", query + "&x=y", query.replacing("ranges=\(first)", with: "ranges=0"),
            query.replacing("-\(end - 1)", with: "-\(end)"), query.replacing("expires=1", with: "expires=2"),
            query.replacing("signature=", with: "signature=A"), String(query.dropLast(1)),
            query.replacing("ranges=", with: "ranges=0-9,"),
        ]
        for text in wrong {
            await expectRefusal(403) { _ = try await scene.world.fetched(fetch.xorb, text, range.storedBytes) }
        }
        let other = try CraftedXorb([[1]])
        try await scene.world.send(other, by: scene.caller)
        await expectRefusal(403) { _ = try await scene.world.fetched(other.hash, query, 0..<9) }
        scene.world.clock.advance(seconds: 3_599)
        _ = try await scene.world.fetched(fetch, range.storedBytes)
        scene.world.clock.advance(seconds: 2)
        await expectRefusal(403) { _ = try await scene.world.fetched(fetch, range.storedBytes) }
    }

    /// Many pieces of one xorb: each link is short, and together they lead to all.
    @Test func piecesOfOneXorbHaveSeveralLinks() async throws {
        let scene = try await XetScene()
        let xorb = try CraftedXorb((0..<1_200).map { noise(1_100, UInt64($0) + 100) })
        let file = try CraftedFile(stride(from: 0, to: 1_200, by: 2).map { (xorb, $0..<$0 + 1) })
        try await scene.world.register([file], [xorb], by: scene.caller)
        let found = try #require(
            try await scene.world.xet.reconstruction(of: file.hash, 0..<UInt64.max, for: scene.caller)
        )
        #expect(found.fetches.count > 1)
        #expect(found.fetches.flatMap(\.ranges).count == 600)
        #expect(found.fetches.allSatisfy { $0.link.query.utf8.count < 8_000 })
        // Also one for each piece, with nothing of the others in it.
        for fetch in found.fetches {
            #expect(fetch.links.count == fetch.ranges.count)
            for (link, range) in zip(fetch.links, fetch.ranges) {
                #expect(link.ranges == [range.storedBytes])
                #expect(
                    try await scene.world.fetched(fetch.xorb, link.query, nil) == Array(xorb.bytes[range.storedBytes])
                )
            }
        }
        #expect(try await scene.world.assemble(file.hash, by: scene.caller) == file.content)
    }
}
