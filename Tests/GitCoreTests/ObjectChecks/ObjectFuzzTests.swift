import GitCore
import GranaryTesting
import Testing

/// Readers and checkers over mutated objects: they may refuse, not trap or disagree with one another.
@Suite struct ObjectFuzzTests {
    private static let spice = Array("0159 <>+-\n\0/.~ax\\:".utf8) + [0xe2, 0x80, 0x8c, 0xff]

    private func read(_ content: [UInt8]) -> (commit: CommitHeader?, tag: TagHeader?, entries: Int?) {
        content.withUnsafeBytes { bytes in
            var iterator = TreeIterator(bytes)
            var entries: Int? = 0
            do {
                while try iterator.next() != nil { entries? += 1 }
            } catch {
                entries = nil
            }
            return (try? CommitHeader(parsing: bytes), try? TagHeader(parsing: bytes), entries)
        }
    }

    @Test func whatIsAcceptedCanBeRead() {
        var random = SeededRandom(11)
        let seeds: [(ObjectType, [UInt8])] = [
            (.commit, Array(Crafted.commit().utf8)),
            (.tag, Array("object \(Crafted.hex)\ntype tree\ntag v1\ntagger T <t@u> 1 +0000\n\nx".utf8)),
            (.tree, Crafted.tree(("100644", "a"), ("120000", "a-"), ("40000", "b"), ("160000", "c"))),
            (.tree, Crafted.tree(("100644", ".gitmodules"), ("100644", "gi7eba~1"), ("100644", "x\\.git"))),
        ]
        for _ in 0..<60_000 {
            let (type, seed) = seeds[random.below(seeds.count)]
            let content = random.mutation(of: seed, spice: Self.spice)
            let seen = read(content)
            guard verdict(type, content) == nil else { continue }
            switch type {
            case .commit: #expect(seen.commit != nil)
            case .tag: #expect(seen.tag != nil)
            case .tree: #expect(seen.entries != nil)
            case .blob: break
            }
        }
    }

    @Test func survivesRandomBytes() {
        var random = SeededRandom(12)
        for _ in 0..<30_000 {
            let content = random.bytes(random.below(80))
            for type in ObjectType.allCases { _ = verdict(type, content) }
            _ = read(content)
        }
    }
}
