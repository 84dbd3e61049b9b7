import Testing
import Xet

struct MerkleTreeTests {
    private func leaf(_ index: Int) -> (XetHash, UInt32) {
        (HashUse.chunk.hash(Array("leaf\(index)".utf8)), UInt32(1000 + index))
    }

    @Test
    func hashesTheTreesOfClients() throws {
        for example in try Vectors.all.get().merkle.cases {
            var tree = MerkleTree()
            for index in 0..<example.n { tree.add(leaf(index).0, length: leaf(index).1) }
            #expect(try tree.root == hash(example.root), "\(example.n)")
            #expect(try tree.fileHash == hash(example.file_hash), "\(example.n)")
        }
    }

    @Test
    func hashesTheFilesOfClients() throws {
        for input in try Vectors.all.get().inputs {
            var tree = MerkleTree()
            var terms = HashUse.verification.stream()
            for chunk in Inputs.chunks(of: try input.bytes()) {
                let hash = HashUse.chunk.hash(chunk)
                tree.add(hash, length: UInt32(chunk.count))
                terms.update(hash)
            }
            #expect(try tree.root == hash(input.single_xorb_hash), "\(input.name)")
            #expect(try tree.fileHash == hash(input.file_hash), "\(input.name)")
            if let range = input.range_hash_all_chunks { #expect(try terms.finalize() == hash(range)) }
        }
    }

    @Test
    func hashesNodes() throws {
        let vector = try Vectors.all.get().internal_node
        var tree = MerkleTree()
        var range = HashUse.verification.stream()
        for child in vector.children {
            tree.add(try hash(child.hash), length: UInt32(child.length))
            range.update(try hash(child.hash))
        }
        #expect(try tree.root == hash(vector.hash))
        #expect(try range.finalize() == hash(vector.range_hash))
    }

    @Test
    func risesLikeLevelsAtOnce() {
        var numbers = SeededNumbers(9)
        var tree = MerkleTree()
        var leaves: [(XetHash, UInt64)] = []
        for _ in 0..<700 {
            let words = SIMD4(numbers.next(), numbers.next(), numbers.next(), numbers.next() >> 3)
            let length = UInt32.random(in: 0...UInt32.max, using: &numbers)
            tree.add(XetHash(words: words), length: length)
            leaves.append((XetHash(words: words), UInt64(length)))
            #expect(tree.root == levelByLevel(leaves))
        }
    }

    /// The specification word by word.
    private func levelByLevel(_ leaves: [(XetHash, UInt64)]) -> XetHash {
        var level = leaves[...]
        while level.count > 1 {
            var next: [(XetHash, UInt64)] = []
            while !level.isEmpty {
                var length = min(level.count, 9)
                if level.count > 2 {
                    let ends = level.dropFirst(2).prefix(7).firstIndex { $0.0.sample % 4 == 0 }
                    if let ends { length = ends - level.startIndex + 1 }
                }
                let group = level.prefix(length)
                let text = group.map { "\($0.0) : \($0.1)\n" }.joined()
                next.append((HashUse.node.hash(Array(text.utf8)), group.reduce(0) { $0 + $1.1 }))
                level = level.dropFirst(length)
            }
            level = next[...]
        }
        return level.first?.0 ?? .zero
    }
}
