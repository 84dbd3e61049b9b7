import GitCore
import Testing

@Suite struct CommitHeaderTests {
    private func read(_ text: String) throws -> CommitHeader {
        try Array(text.utf8).withUnsafeBytes { try CommitHeader(parsing: $0) }
    }

    @Test func readsTreeParentsAndTime() throws {
        let header = try read(Crafted.commit())
        #expect(header.tree.hex == Crafted.hex)
        #expect(header.parents.map(\.hex) == [Crafted.parent])
        #expect(header.committerTime == 1_700_000_001)
    }

    @Test(arguments: [
        ("committer C <c@d>", 0), ("committer C <c@d> ", 0), ("committer > 1 +0000 >9 +0000", 9),
        ("committer C <c@d> 99999999999999999999 +0000", 0), ("committer C <c@d> -5 +0000", 0), ("commit", 0),
        ("gpgsig x\n y\ncommitter C <> 7 +0000", 7), ("\ncommitter C <c@d> 5 +0000", 0),
    ])
    func toleratesStrangeIdentities(line: String, time: Int64) throws {
        let header = try read("tree \(Crafted.hex)\nauthor nobody\n\(line)\n\nx")
        #expect(header.committerTime == time)
        #expect(header.parents.isEmpty)
    }

    @Test(arguments: [
        ("", ObjectError.missingTree), ("tree 1234\n", .badTreeSha1), ("tree \(Crafted.hex)", .badTreeSha1),
        ("tree \(Crafted.hex)\nparent x\n", .badParentSha1),
    ])
    func refusesWhatHasNoTreeOrParent(text: String, error: ObjectError) {
        #expect(throws: error) { try read(text) }
    }
}

@Suite struct TagHeaderTests {
    private func read(_ text: String) throws -> TagHeader {
        try Array(text.utf8).withUnsafeBytes { try TagHeader(parsing: $0) }
    }

    @Test func readsTargetTypeAndName() throws {
        let header = try read("object \(Crafted.hex)\ntype tree\ntag v1.0\ntagger T <t@u> 1 +0000\n\nx\n")
        #expect(header.target.hex == Crafted.hex)
        #expect(header.targetType == .tree)
        #expect(header.name == Array("v1.0".utf8))
    }

    @Test func toleratesMissingName() throws {
        #expect(try read("object \(Crafted.hex)\ntype commit\n").name.isEmpty)
    }

    @Test(arguments: [
        ("", ObjectError.missingObject), ("object 1\n", .badObjectSha1), ("object \(Crafted.hex)\n", .missingTypeEntry),
        ("object \(Crafted.hex)\ntype blob", .missingType), ("object \(Crafted.hex)\ntype blobs\n", .badType),
    ])
    func refusesWhatHasNoTarget(text: String, error: ObjectError) {
        #expect(throws: error) { try read(text) }
    }
}

@Suite struct TreeIteratorTests {
    @Test func readsEntries() throws {
        let tree = Crafted.tree(
            ("100644", "a"),
            ("40000", "b"),
            ("120000", "c"),
            ("160000", "d"),
            ("100755", "e"),
            ("0100644", "f")
        )
        try tree.withUnsafeBytes { bytes in
            var iterator = TreeIterator(bytes)
            var seen: [String] = []
            while let entry = try iterator.next() {
                #expect(entry.oid.bytes == Crafted.oid)
                let name = String(decoding: entry.name, as: UTF8.self)
                seen.append("\(name) \(entry.kind) \(String(entry.mode, radix: 8)) \(entry.isSymlink)")
            }
            #expect(
                seen == [
                    "a blob 100644 false", "b tree 40000 false", "c blob 120000 true", "d gitlink 160000 false",
                    "e blob 100755 false", "f blob 100644 false",
                ]
            )
            #expect(TreeEntries(bytes).map(\.name.count) == [1, 1, 1, 1, 1, 1])
        }
    }

    @Test(arguments: ["1", "100644", "100644 ", "100644 a", " a", "9 a", "100644\0a", "-1 a"])
    func refusesWhatIsNoEntry(front: String) {
        for tail in [[], [0], [0] + Crafted.oid.dropLast()] as [[UInt8]] {
            let tree = Array(front.utf8) + tail
            tree.withUnsafeBytes { bytes in
                var iterator = TreeIterator(bytes)
                #expect(throws: ObjectError.self) { try iterator.next() }
                #expect(TreeEntries(bytes).map(\.mode).isEmpty)
            }
        }
    }

    @Test(arguments: ["0", "644", "7777777", "77777777777777777777777777", "20000", "60000", "140000"])
    func refusesModesWithoutMeaning(mode: String) {
        Crafted.tree((mode, "a")).withUnsafeBytes { bytes in
            var iterator = TreeIterator(bytes)
            #expect(throws: ObjectError.badFilemode) { try iterator.next() }
        }
    }
}
