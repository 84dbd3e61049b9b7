import GitCore
import GranaryTesting
import Testing

@Suite struct ObjectCheckerTests {
    private static let commits: [(String, ObjectError?)] = {
        let hex = Crafted.hex
        let commit = { (author: String) in Crafted.commit(author: author) }
        return [
            (Crafted.commit(), nil),
            ("tree \(hex)\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n", nil),
            ("tree \(hex)\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding x\ngpgsig y\n z\n\nm\0m", nil),
            ("", .unterminatedHeader), ("tree", .unterminatedHeader), ("tree\0", .nulInHeader),
            ("tree\n", .missingTree),
            ("tree \(hex)0\n", .badTreeSha1), ("tree \(hex.dropLast())g\n", .badTreeSha1),
            ("tree \(hex)\nparent \(Crafted.parent) \n", .badParentSha1), ("tree \(hex)\nparent\n", .missingAuthor),
            ("tree \(hex)\ncommitter A <a> 1 +0000\n", .missingAuthor),
            (
                "tree \(hex)\nauthor A <a> 1 +0000\nparent \(Crafted.parent)\ncommitter A <a> 1 +0000\n",
                .missingCommitter
            ),
            ("tree \(hex)\nauthor A <a> 1 +0000\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n", .multipleAuthors),
            ("tree \(hex)\nauthor A <a> 1 +0000\n\ncommitter A <a> 1 +0000\n", .missingCommitter),
            (Crafted.commit(committer: "C <c> 1 +00000"), .badTimezone),
            (commit(" <a> 1 +0000"), nil), (commit("A <> 1 +0000"), nil), (commit("A <a> 0 +0000"), nil),
            (commit("A <a> 9223372036854775807 -9999"), nil),
            (commit("<a> 1 +0000"), .missingNameBeforeEmail), (commit("A> 1 +0000"), .badName),
            (commit("A 1 +0000"), .missingEmail), (commit(""), .missingEmail),
            (commit("A<a> 1 +0000"), .missingSpaceBeforeEmail),
            (commit("A <a 1 +0000"), .badEmail), (commit("A <a<b> 1 +0000"), .badEmail),
            (commit("A <a>1 +0000"), .missingSpaceBeforeDate), (commit("A <a>"), .missingSpaceBeforeDate),
            (commit("A <a> 01 +0000"), .zeroPaddedDate), (commit("A <a> 00 +0000"), .zeroPaddedDate),
            (commit("A <a> x +0000"), .badDate), (commit("A <a> 1x +0000"), .badDate), (commit("A <a> 1"), .badDate),
            (commit("A <a> "), .badDate),
            (commit("A <a> 9223372036854775808 +0000"), .badDateOverflow),
            (commit("A <a> 18446744073709551617 +0000"), .badDateOverflow),
            (commit("A <a> 1 0000"), .badTimezone), (commit("A <a> 1 +000"), .badTimezone),
            (commit("A <a> 1 +000x"), .badTimezone), (commit("A <a> 1 +0000 "), .badTimezone),
            (commit("A <a> 1 "), .badTimezone),
        ]
    }()

    private static let tags: [(String, ObjectError?)] = {
        let hex = Crafted.hex
        let front = "object \(hex)\ntype commit\ntag v1\n"
        return [
            (front + "tagger T <t> 1 +0000\n\nm\n", nil), (front, nil), (front + "\nm", nil),
            (front + "tagger T <t> 1 +0000\nmore: x\n\nm", nil),
            ("object \(Crafted.parent)\ntype blob\ntag a b\n", nil),
            ("", .unterminatedHeader), (front + "tagger\0\n", .nulInHeader), ("tag\n", .missingObject),
            ("object \(hex)1\n", .badObjectSha1), ("object \(hex)\n", .missingTypeEntry),
            ("object \(hex)\ntype thing\n", .badType), ("object \(hex)\ntype \n", .badType),
            ("object \(hex)\ntype commit\n", .missingTagEntry),
            (front + "tagger T <t> 1\n", .badDate), (front + "tagger T t> 1 +0000\n", .badName),
        ]
    }()

    private static let trees: [([UInt8], ObjectError?)] = [
        ([], nil),
        (Crafted.tree(("100644", "a"), ("100755", "b"), ("120000", "c"), ("40000", "d"), ("160000", "e")), nil),
        (Crafted.tree(("100664", "a"), ("040000", "b")), nil),
        (Crafted.tree(("100644", "a.b"), ("40000", "a"), ("100644", "a0")), nil),
        (Crafted.tree(("100644", "a"), ("100644", "a-"), ("100644", "a-b"), ("40000", "a-c"), ("40000", "b")), nil),
        (Crafted.tree(("160000", "a"), ("100644", "a.b")), nil),
        (Crafted.tree(("100644", "b"), ("100644", "a")), .treeNotSorted),
        (Crafted.tree(("40000", "a"), ("100644", "a.b")), .treeNotSorted),
        (Crafted.tree(("100644", "a"), ("100644", "a")), .duplicateEntries),
        (Crafted.tree(("100644", "a"), ("40000", "a")), .duplicateEntries),
        (Crafted.tree(("100644", "a"), ("100644", "a.b"), ("40000", "a")), .duplicateEntries),
        (Crafted.tree(("160000", "a"), ("100644", "a-"), ("100644", "a-b"), ("40000", "a")), .duplicateEntries),
        (
            Crafted.tree(("100644", "a"), ("100644", "a-"), ("40000", "a--"), ("40000", "a-"), ("40000", "a")),
            .duplicateEntries
        ),
        (Crafted.tree(("100644", "")), .emptyName), (Crafted.tree(("100644", "a/b")), .fullPathname),
        (Crafted.tree(("100644", ".")), .hasDot), (Crafted.tree(("40000", "..")), .hasDotdot),
        (Crafted.tree(("100640", "a")), .badFilemode), (Crafted.tree(("100777", "a")), .badFilemode),
        (Crafted.tree(("40755", "a")), .badFilemode),
        (Crafted.tree(("120000", ".gitmodules")), .gitmodulesSymlink),
        (Crafted.tree(("40000", ".gitmodules")), .gitmodulesBlob),
        (Crafted.tree(("40000", ".gitattributes")), .gitattributesBlob),
        (Crafted.tree(("120000", ".gitattributes")), nil),
        (Array("100644 a\0short".utf8), .badTree), (Array("abc".utf8), .badTree),
    ]

    /// What git finds elsewhere, or only warns of under another name.
    private static let stricter: [ObjectError] = [.gitmodulesBlob, .gitattributesBlob, .badFilemode]

    @Test(arguments: commits) func judgesCommits(text: String, error: ObjectError?) {
        #expect(verdict(.commit, Array(text.utf8)) == error)
    }

    @Test(arguments: tags) func judgesTags(text: String, error: ObjectError?) {
        #expect(verdict(.tag, Array(text.utf8)) == error)
    }

    @Test(arguments: trees) func judgesTrees(tree: [UInt8], error: ObjectError?) {
        #expect(verdict(.tree, tree) == error)
    }

    @Test func refusesLongNamesManyParentsAndLongMessages() {
        let name = String(repeating: "n", count: 4_096)
        #expect(verdict(.tree, Crafted.tree(("100644", name))) == nil)
        #expect(verdict(.tree, Crafted.tree(("100644", name + "n"))) == .nameTooLong)
        let rest = "author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n"
        let parent = "parent \(Crafted.hex)\n"
        for (count, error) in [(1_024, nil), (1_025, ObjectError.tooManyParents)] {
            let commit = "tree \(Crafted.hex)\n" + String(repeating: parent, count: count) + rest
            #expect(verdict(.commit, Array(commit.utf8)) == error)
        }
        let head = Array("tree \(Crafted.hex)\n\(rest)".utf8)
        #expect(verdict(.commit, head + [UInt8](repeating: 0x61, count: (8 << 20) - 1)) == nil)
        #expect(verdict(.commit, head + [UInt8](repeating: 0x61, count: 8 << 20)) == .messageTooLarge)
    }

    @Test func collectsLinksAndSpecialBlobs() throws {
        var links = CollectedLinks()
        var special = SpecialBlobs()
        let oid = try #require(ObjectID(bytes: Crafted.oid))
        let tree = Crafted.tree(
            ("100644", ".GitModules"),
            ("100644", ".gitattributes "),
            ("160000", "s"),
            ("40000", "t")
        )
        try tree.withUnsafeBytes { try ObjectChecker.checkTree($0, links: &links, special: &special) }
        #expect(links.links.map(\.type) == [.blob, .blob, .tree])
        #expect(special.gitmodules == [oid])
        #expect(special.gitattributes == [oid])
        links = CollectedLinks()
        try Array(Crafted.commit().utf8).withUnsafeBytes { try ObjectChecker.checkCommit($0, links: &links) }
        let parent = try #require(ObjectID(hex: Crafted.parent))
        #expect(links.links == [.init(oid: oid, type: .tree), .init(oid: parent, type: .commit)])
        links = CollectedLinks()
        let tag = "object \(Crafted.hex)\ntype blob\ntag x\n"
        try Array(tag.utf8).withUnsafeBytes { try ObjectChecker.checkTag($0, links: &links) }
        #expect(links.links == [.init(oid: oid, type: .blob)])
    }

    @Test func everyErrorHasASentence() {
        for error in ObjectError.allCases { #expect(!error.message.hasSuffix("refused"), "\(error)") }
    }

    /// The tables above and a few thousand mutations of them, against the real `git fsck`.
    @Test func agreesWithStockFsck() async throws {
        var random = SeededRandom(1)
        let commits = Self.commits.map { Array($0.0.utf8) }
        let tags = Self.tags.map { Array($0.0.utf8) }
        let trees = Self.trees.map(\.0)
        let spice = Array("0159 <>+-\n\0/.~ax\\:".utf8)
        for (type, table) in [(ObjectType.commit, commits), (.tag, tags), (.tree, trees)] {
            let git = try await StockGit()
            var contents = table
            for _ in 0..<300 { contents.append(random.mutation(of: table[random.below(table.count)], spice: spice)) }
            let ids = try await git.store(contents, as: type)
            let (errors, warnings) = try await git.fsck()
            for (oid, content) in zip(ids, contents) {
                let ours = verdict(type, content)
                let text = "\(type) \(String(decoding: content, as: UTF8.self).debugDescription) \(oid)"
                if let theirs = errors[oid] {
                    #expect(ours != nil, "\(text): git says \(theirs)")
                } else if let ours {
                    let warned = warnings[oid]?.contains { $0 == ours.rawValue } ?? false
                    #expect(
                        warned || Self.stricter.contains(ours),
                        "\(text): we say \(ours), git \(warnings[oid] ?? [])"
                    )
                }
            }
        }
    }
}
