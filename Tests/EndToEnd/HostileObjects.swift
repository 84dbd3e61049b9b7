import GranaryTesting
import Testing

@Suite("Malformed and dangerous objects are refused", .serialized, .sharedServer)
struct HostileObjects {
    private static let person = "A <a@example.com> 1700000000 +0000"

    private static let trees: [HostilePush] = [
        .treeEntry(".git", "40000"), .treeEntry(".GIT"), .treeEntry(".Git", "40000"), .treeEntry("git~1"),
        .treeEntry("GIT~1"),
        .treeEntry(".git "), .treeEntry(".git."), .treeEntry(".git. ."), .treeEntry(".git::$INDEX_ALLOCATION", "40000"),
        .treeEntry(".g\u{200c}it", "40000"), .treeEntry("\u{feff}.git"), .treeEntry(".gi\u{202e}t"), .treeEntry("."),
        .treeEntry("..", "40000"), .treeEntry("a/b"), .treeEntry("../up"), .treeEntry("a\\.git\\b"), .treeEntry(""),
        .treeEntry("file", "100645"), .treeEntry("file", "123456"), .treeEntry("file", ""), .treeEntry("file", "8"),
        .treeEntry(".gitmodules", "120000"),
        .tree("an unsorted tree") { .tree([("100644", [0x62], $0.blob), ("100644", [0x61], $0.blob)]) },
        .tree("a duplicate entry") { .tree([("100644", [0x61], $0.blob), ("100644", [0x61], $0.blob)]) },
        .tree("a file and a directory of one name") {
            .tree([("100644", [0x61], $0.blob), ("100644", Array("a.b".utf8), $0.blob), ("40000", [0x61], $0.tree)])
        },
        .tree("a tree that is cut off") { GitObject(.tree, Array("100644 a\0".utf8) + $0.blob.dropLast(4)) },
        .tree("a tree of garbage") { _ in GitObject(.tree, "this is not a tree") },
    ]

    private static let commits: [HostilePush] = [
        .commit("an empty commit object", ""),
        .commit("a commit without a tree", "author \(person)\ncommitter \(person)\n\nx\n"),
        .commit("a commit with a bad tree id", "tree abc\nauthor \(person)\ncommitter \(person)\n\nx\n"),
        .commit("a commit without an author", "tree TREE\nparent TIP\ncommitter \(person)\n\nx\n"),
        .commit("a commit without a committer", "tree TREE\nparent TIP\nauthor \(person)\n\nx\n"),
        .commit(
            "a commit with two authors",
            "tree TREE\nauthor \(person)\nauthor \(person)\ncommitter \(person)\n\nx\n"
        ),
        .commit("a parent behind the author", "tree TREE\nauthor \(person)\nparent TIP\ncommitter \(person)\n\nx\n"),
        .commit("an author without e-mail", "tree TREE\nauthor A 1700000000 +0000\ncommitter \(person)\n\nx\n"),
        .commit(
            "an unclosed e-mail",
            "tree TREE\nauthor A <a@example.com 1700000000 +0000\ncommitter \(person)\n\nx\n"
        ),
        .commit("an author without date", "tree TREE\nauthor A <a@example.com>\ncommitter \(person)\n\nx\n"),
        .commit(
            "a date beyond 64 bits",
            "tree TREE\nauthor A <a@x> 99999999999999999999 +0000\ncommitter \(person)\n\nx\n"
        ),
        .commit(
            "a date with a leading zero",
            "tree TREE\nauthor A <a@x> 01700000000 +0000\ncommitter \(person)\n\nx\n"
        ),
        .commit("a bad time zone", "tree TREE\nauthor A <a@x> 1700000000 zone\ncommitter \(person)\n\nx\n"),
        .commit(
            "NUL in a header",
            "tree TREE\nauthor A\0 <a@example.com> 1700000000 +0000\ncommitter \(person)\n\nx\n"
        ),
    ]

    private static let tags: [HostilePush] = [
        .objects("a tag without a type", ref: "refs/tags/evil") { [GitObject(.tag, "object \($0.tip)\ntag v\n\nx\n")] },
        .objects("a tag that lies about its type", ref: "refs/tags/evil") {
            [GitObject(.tag, "object \($0.tip)\ntype blob\ntag v\ntagger \(person)\n\nx\n")]
        },
        .objects("a tag of an unknown type", ref: "refs/tags/evil") {
            [GitObject(.tag, "object \($0.tip)\ntype note\ntag v\ntagger \(person)\n\nx\n")]
        },
        .objects("a tag of a missing object", ref: "refs/tags/evil") { _ in
            [
                GitObject(
                    .tag,
                    "object \(String(repeating: "12", count: 20))\ntype commit\ntag v\ntagger \(person)\n\nx\n"
                )
            ]
        },
        .objects("a tag whose tagger has no e-mail", ref: "refs/tags/evil") {
            [GitObject(.tag, "object \($0.tip)\ntype commit\ntag v\ntagger A\n\nx\n")]
        },
    ]

    private static let disconnected: [HostilePush] = [
        .objects("a commit with a missing parent") {
            [.commit(tree: hex($0.tree), parents: [String(repeating: "34", count: 20)])]
        },
        .objects("a commit with a missing tree") { _ in [.commit(tree: String(repeating: "56", count: 20))] },
        .tree("a tree with a missing blob") { _ in .tree("100644", "a", [UInt8](repeating: 0x78, count: 20)) },
        .tree("a tree with a missing tree") { _ in .tree("40000", "a", [UInt8](repeating: 0x79, count: 20)) },
        .tree("a directory that is a blob") { .tree("40000", "a", $0.blob) },
        .tree("a file that is a tree") { .tree("100644", "a", $0.tree) },
        .objects("a commit whose tree is a blob") { [.commit(tree: hex($0.blob))] },
        .objects("a commit whose parent is a tree") { [.commit(tree: hex($0.tree), parents: [hex($0.tree)])] },
        .objects("a gap in the middle of a new history") { ground in
            let missing = GitObject.commit(tree: hex(ground.tree), parents: [ground.tip], message: "missing")
            return [.commit(tree: hex(ground.tree), parents: [try missing.hex])]
        },
    ]

    private static let modules: [HostilePush] = [
        .modules("an option as URL", "[submodule \"a\"]\n\tpath = a\n\turl = -u./payload\n"),
        .modules("an option as path", "[submodule \"a\"]\n\tpath = -x\n\turl = https://example.com/a\n"),
        .modules("a name that climbs", "[submodule \"../../x\"]\n\tpath = a\n\turl = https://example.com/a\n"),
        .modules(
            "a command as update",
            "[submodule \"a\"]\n\tpath = a\n\turl = https://example.com/a\n\tupdate = !touch x\n"
        ),
        .modules("a newline in the URL", "[submodule \"a\"]\n\tpath = a\n\turl = https://example.com/%0ahost=evil\n"),
    ]

    @Test(arguments: trees + commits + tags)
    func malformedObjectIsRefused(attack: HostilePush) async throws {
        try await refuse(attack)
    }

    @Test(arguments: disconnected)
    func incompleteHistoryIsRefused(attack: HostilePush) async throws {
        try await refuse(attack)
    }

    @Test(arguments: modules)
    func dangerousSubmoduleIsRefused(attack: HostilePush) async throws {
        try await refuse(attack)
    }

    private func refuse(_ attack: HostilePush) async throws {
        let (story, work) = try await Story.common()
        let before = try await story.remoteRefs()
        let request = try await attack.request(HostileGround(work))
        let report = try await story.push(request)
        #expect(report.isRefusal, "\(report)")
        try await story.expectUnchanged(since: before)
        // Nothing of it stays behind to complete a later push.
        let tip = try #require(request.changes.first)
        let again = try await story.push(PushRequest([tip], pack: try HostilePack().bytes))
        #expect(again.isRefusal, "\(again)")
    }
}
