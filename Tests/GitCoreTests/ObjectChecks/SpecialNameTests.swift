import GitCore
import GranaryTesting
import Testing

@Suite struct SpecialNameTests {
    private static let dotGit = [
        ".git", ".GIT", ".gIt", "git~1", "GIT~1", ".git.", ".git ", ".git . .", "git~1.", "git~1 ",
        ".git::$INDEX_ALLOCATION",
        ".git:x", "git~1:x", ".git\\x", "git~1\\hooks", "a\\.git", "a\\GIT~1", "\\.git", ".g\u{200c}it", "\u{200d}.git",
        ".git\u{feff}", ".\u{206a}G\u{206f}i\u{202a}t\u{202e}", "a\\b\\.git \\c",
    ]
    private static let innocent = [
        "git", ".gi", ".gitt", ".gita", "git~2", "git~10", "git~", ".git-", ".git~1", "a.git", " .git", ".git a",
        ".git_",
        ".g\u{200b}it", ".git\u{200b}", "\u{2010}.git", "a\\b", "\\", ".gitmodule", ".gitmodulesx", "gitmodules",
        "gitmod~5",
        "gitmod~0", "gitmod~1a", "gi7eba~0", "gi7eb~1", "gi7eba~1x", "gi7ebb~1", ".gitmodules x", "x\\y\\z", "~",
        "~0000000",
        "~100000", ".gitmodules\u{200b}", "\u{2060}.gitmodules",
    ]
    private static let gitmodules = [
        ".gitmodules", ".GITMODULES", ".gitmodules ", ".gitmodules.. .", ".gitmodules:x", "gitmod~1", "GITMOD~4",
        "gitmod~2 .",
        "gitmod~3:x", "gi7eba~1", "GI7EBA~9", "gi7eb~10", "gi7e~999", "gi~10000", "g~100000", "~1000000", "~9999999",
        "gi7eba~1 .:", ".git\u{200c}modules", ".gitmodules\u{feff}", "a\\.gitmodules", "a\\gitmod~1",
    ]

    private func special(_ name: String, mode: String = "100644") throws -> SpecialBlobs {
        try Crafted.tree((mode, name)).withUnsafeBytes { bytes in
            var links = NoLinks()
            var special = SpecialBlobs()
            try ObjectChecker.checkTree(bytes, links: &links, special: &special)
            return special
        }
    }

    @Test(arguments: dotGit) func refusesSpellingsOfDotGit(name: String) {
        #expect(throws: ObjectError.hasDotgit) { try special(name) }
        #expect(throws: ObjectError.hasDotgit) { try special(name, mode: "40000") }
    }

    @Test(arguments: innocent) func acceptsInnocentNames(name: String) throws {
        #expect(try special(name).isEmpty)
        #expect(try special(name, mode: "120000").isEmpty)
    }

    @Test(arguments: gitmodules) func findsSpellingsOfGitmodules(name: String) throws {
        #expect(try special(name).gitmodules.count == 1)
        #expect(throws: ObjectError.gitmodulesSymlink) { try special(name, mode: "120000") }
        #expect(throws: ObjectError.gitmodulesBlob) { try special(name, mode: "40000") }
    }

    @Test(arguments: [".gitattributes", ".GitAttributes .", "gitatt~1", "GI7D29~1", "gi7d2~10", ".gitattributes:"])
    func findsSpellingsOfGitattributes(name: String) throws {
        #expect(try special(name).gitattributes.count == 1)
        #expect(try special(name, mode: "120000").isEmpty)
    }

    /// Each name as a symbolic link, so that `git fsck` shows at once whether it takes it for `.git` or `.gitmodules`.
    @Test func agreesWithStockFsck() async throws {
        var random = SeededRandom(2)
        let table = (Self.dotGit + Self.innocent + Self.gitmodules).map { Array($0.utf8) }
        let spice = Array(".gitGIT~19: \\mod7eba".utf8) + [0xe2, 0x80, 0x8c, 0xef, 0xbb, 0xbf, 0xff]
        var names = table
        for _ in 0..<600 {
            names.append(random.mutation(of: table[random.below(table.count)], spice: spice).filter { $0 != 0 })
        }
        let git = try await StockGit()
        let trees = names.map { Crafted.tree([(mode: "120000", name: $0)]) }
        let ids = try await git.store(trees, as: .tree)
        let (errors, warnings) = try await git.fsck()
        for (index, oid) in ids.enumerated() {
            let text = String(decoding: names[index], as: UTF8.self).debugDescription
            switch verdict(.tree, trees[index]) {
            case .hasDotgit: #expect(warnings[oid]?.contains("hasDotgit") ?? false, "\(text)")
            case .gitmodulesSymlink: #expect(errors[oid]?.contains("gitmodulesSymlink") ?? false, "\(text)")
            case nil:
                #expect(errors[oid] == nil, "\(text): \(errors[oid] ?? [])")
                let notes = warnings[oid]?.filter { !$0.hasSuffix("Symlink") } ?? []
                #expect(notes.isEmpty, "\(text): \(notes)")
            default: break
            }
        }
    }
}
