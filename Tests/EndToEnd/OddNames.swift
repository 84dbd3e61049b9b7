import Foundation
import GranaryTesting
import Testing

@Suite("Odd and unicode names", .serialized, .sharedServer)
struct OddNames {
    /// Branch names that git allows and servers stumble over.
    private static let branches = [
        "ünïcode/bränch", "日本語/ブランチ", "emoji-🚀", "quote'\"double", "semi;colon&and|pipe", "dollar$(id)`x`",
        "percent%41%2f",
        "hash#and!bang", "plus+equals=comma,", "a.b.c", "trailing-", "v1.0.0-rc.1",
        "very/deep/" + (0..<20).map(String.init).joined(separator: "/"), String(repeating: "x", count: 240),
        "heads/heads/main",
        "e\u{301}-decomposed", "\u{e9}-composed", "refs/heads/main", "HEADS", "Main", "{}",
        "<script>alert(1)<", "10", "0x1", "deadbeef",
    ]

    @Test(arguments: Wire.all)
    func oddBranchNamesTravelByteForByte(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let tip = try await work.id("main")
        let script = Self.branches.map { "create refs/heads/\($0)\0\(tip)\0" }.joined()
        try await work("update-ref", "--stdin", "-z", input: Array(script.utf8))
        try await work("push", "origin", "refs/heads/*:refs/heads/*")
        let raw = try await story.git(wire)("ls-remote", "--heads", story.url(wire))
        let names = Set(raw.split(separator: "\n").map { Array($0.utf8.drop { $0 != 9 }.dropFirst()) })
        for branch in Self.branches { #expect(names.contains(Array("refs/heads/\(branch)".utf8)), "\(branch)") }
        #expect(names.count == Self.branches.count + 1)
        try await work("push", "origin", ":refs/heads/e\u{301}-decomposed")
        let left = try await story.git(wire)("ls-remote", "--heads", story.url(wire))
        #expect(left.split(separator: "\n").count == Self.branches.count)
        #expect(
            left.utf8.split(separator: 10).contains { Array($0).suffix(11) == Array("\u{e9}-composed".utf8).suffix(11) }
        )
        try await story.verify()
    }

    @Test func oddFileNamesTravelByteForByte() async throws {
        let story = try await Story.begin()
        let names: [[UInt8]] =
            [
                "with space", "-dash", "--option", "new\nline", "tab\tstop", "quote\"'", "ünï", "e\u{301}", "\u{e9}",
                "日本語", "🚀",
                "con", "nul.txt", "trailing.", "a:b", "pipe|", ".gitkeep", ".gitignore",
                "git", "gitmodules", "*", "?", "%2e%2e", "$HOME", String(repeating: "l", count: 250),
            ].map { Array($0.utf8) } + [[0xff, 0xfe, 0x61], [0x01, 0x02]]
        var entries: [(mode: String, name: [UInt8], id: [UInt8])] = []
        let blob = GitObject(.blob, "content\n")
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            entries.append(("100644", name, try blob.id))
        }
        let tree = GitObject.tree(entries)
        let commit = GitObject.commit(tree: try tree.hex)
        let report = try await story.push(
            PushRequest(
                creating: "refs/heads/main",
                at: try commit.hex,
                pack: try HostilePack([blob, tree, commit]).bytes
            )
        )
        #expect(report.accepted == ["refs/heads/main"], "\(report)")
        let clone = try await story.git().clone(story.url(), "clone")
        let listed = try await clone.attempt("ls-tree", "-z", "--name-only", "HEAD").standardOutput
        #expect(Set(listed.split(separator: 0).map(Array.init)) == Set(names))
        try await story.verify()
    }

    @Test func submodulesAreCloned() async throws {
        let (library, product) = try await (Story.begin(), Story.begin())
        _ = try await library.seeded()
        let work = try await product.seeded()
        try await work("submodule", "--quiet", "add", library.url(), "lib")
        try await work("submodule", "--quiet", "add", "../\(library.repository.name).git", "relative")
        try await work.commit("with submodules")
        try await work("push", "origin", "main")
        let clone = try await product.git().clone(product.url(), "clone", "--recurse-submodules")
        #expect(clone.contents("lib/README.md") == Array("# Story\n".utf8))
        #expect(clone.contents("relative/README.md") == Array("# Story\n".utf8))
        try await product.verify(equals: work)
    }

    @Test func executablesSymbolicLinksAndEmptyFilesTravel() async throws {
        let story = try await Story.begin()
        let work = try await story.git().newRepository("work")
        try work.write("run.sh", Array("#!/bin/sh\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(work.directory)/run.sh")
        try FileManager.default.createSymbolicLink(atPath: "\(work.directory)/link", withDestinationPath: "run.sh")
        try await work.commit("modes", ["empty": ""])
        try await work("push", story.url(), "main")
        let clone = try await story.git().clone(story.url(), "clone")
        let modes = try await clone("ls-tree", "HEAD").split(separator: "\n").map { String($0.prefix(6)) }
        #expect(modes == ["100644", "120000", "100755"])
        try await story.verify(equals: work)
    }
}
