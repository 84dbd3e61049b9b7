import GitCore
import GranaryTesting
import Testing

@Suite struct ObjectHasherTests {
    @Test func hashesAsGitDoes() async throws {
        var random = SeededRandom(10)
        let contents = [0, 1, 19, 20, 64, 1_000, 70_000, 1 << 20].map { random.bytes($0) }
        let git = try await StockGit()
        for type in ObjectType.allCases {
            let ids = try await git.store(contents, as: type)
            for (content, oid) in zip(contents, ids) {
                #expect(try content.withUnsafeBytes { try ObjectHasher.id(of: $0, type: type) } == oid)
                #expect(try stream(content, type, &random) == oid)
            }
        }
    }

    @Test func hashesBuffersWithoutAddress() throws {
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(try ObjectHasher.id(of: empty, type: .blob).hex == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
    }

    private func stream(_ content: [UInt8], _ type: ObjectType, _ random: inout SeededRandom) throws -> ObjectID {
        let hasher = try StreamingObjectHasher(type: type, size: Int64(content.count))
        var rest = content[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + random.below(100_000))
            try piece.withUnsafeBytes { try hasher.update($0) }
            rest = rest.dropFirst(piece.count)
        }
        return try hasher.finish()
    }

    @Test func countsWhatItIsGiven() throws {
        let bytes: [UInt8] = [1, 2, 3]
        let short = try StreamingObjectHasher(type: .blob, size: 4)
        try bytes.withUnsafeBytes { try short.update($0) }
        #expect(throws: Libgit2Error.self) { try short.finish() }
        let long = try StreamingObjectHasher(type: .blob, size: 2)
        #expect(throws: Libgit2Error.self) { try bytes.withUnsafeBytes { try long.update($0) } }
        #expect(throws: Libgit2Error.self) { try StreamingObjectHasher(type: .blob, size: -1) }
    }

    /// The header of an object beyond 4 GiB: only begun, because hashing it all takes half a minute.
    @Test func startsObjectsBeyond4GiB() throws {
        let hasher = try StreamingObjectHasher(type: .blob, size: 5 << 30)
        #expect(throws: Libgit2Error.self) { try hasher.finish() }
    }
}

@Suite struct Libgit2Tests {
    @Test func startsOnceAndReportsErrors() throws {
        try Libgit2.start()
        try Libgit2.start()
        #expect(try Libgit2.check(3, while: "counting") == 3)
        let error = #expect(throws: Libgit2Error.self) { try Libgit2.check(-3, while: "looking") }
        #expect(error?.code == -3)
        #expect(error?.action == "looking")
        #expect(error?.isNotFound == true)
    }
}
