import GitCore
import GranaryTesting
import Testing

/// Trees that are edited by paths are those that stock git makes of the same files.
@Suite("Editing trees")
struct TreeEditorTests {
    /// A repository with some trees in it, and what can be made of them.
    private struct Bench {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        func draft() -> PackDraft { PackDraft(spoolingIn: workshop.files.path) }

        /// Publishes what drafts hold.
        func publish(_ drafts: [PackDraft], _ name: String) throws {
            var pack: [UInt8] = []
            try PackDraft.write(drafts) { pack.append(contentsOf: $0) }
            let quarantine = try workshop.quarantine(name)
            try workshop.receive(pack, piece: .max, into: quarantine)
            try quarantine.publish()
            quarantine.settle()
        }

        func reader() throws -> ObjectReader { try ObjectReader(workshop.repository.packs.current()) }
    }

    /// The id that stock git gives to a tree with these files: contents by path.
    private func stockTree(_ files: [String: String]) async throws -> String {
        let folder = try TemporaryDirectory("tree-editor")
        func git(_ arguments: String..., input: String = "") async throws -> String {
            var command = Command("git", arguments)
            command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": folder.path]
            command.directory = folder.path
            command.input = Array(input.utf8)
            return try await command.run().required().output
        }
        _ = try await git("init", "--quiet", "--bare", ".")
        var lines = ""
        var known: [String: String] = [:]
        for (path, content) in files {
            if known[content] == nil {
                known[content] = try await git("hash-object", "-w", "--stdin", input: content)
            }
            lines += "100644 \(known[content] ?? "")\t\(path)\n"
        }
        _ = try await git("update-index", "--add", "--index-info", input: lines)
        return try await git("write-tree")
    }

    private static let names = ["a", "a.b", "a-b", "a0", "ab", "b", "ä", "B"]

    @Test func randomEditsMakeTheTreesOfStockGit() async throws {
        var random = SeededRandom(4_711)
        let bench = try Bench()
        var files: [String: String] = [:]
        var tree: ObjectID?
        for round in 0..<12 {
            let (blobs, trees) = (bench.draft(), bench.draft())
            let editor = try TreeEditor(tree, bench.reader())
            for _ in 0..<20 {
                let depth = Int.random(in: 1...3, using: &random)
                let path = (0..<depth).map { _ in Self.names.randomElement(using: &random) ?? "a" }
                    .joined(separator: "/")
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let isThere = files.removeValue(forKey: path) != nil
                    #expect(try editor.removeFile(at: TreePath(path)) == isThere)
                    continue
                }
                let content = "content \(Int.random(in: 0..<5, using: &random))\n"
                let oid = try blobs.add(.blob, Array(content.utf8))
                let isBlocked = files.keys.contains { $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/") }
                if isBlocked {
                    #expect(throws: TreeEditError.self) { try editor.put(oid, at: TreePath(path)) }
                } else {
                    try editor.put(oid, at: TreePath(path))
                    files[path] = content
                }
            }
            let new = try editor.write(into: trees)
            #expect(new.hex == (try await stockTree(files)), "round \(round): \(files.keys.sorted())")
            try bench.publish([blobs, trees], "round-\(round)")
            tree = new
        }
    }

    @Test func modesAreKeptAndFoldersGoAsAWhole() throws {
        let bench = try Bench()
        let draft = bench.draft()
        let one = try draft.add(.blob, Array("one\n".utf8))
        let two = try draft.add(.blob, Array("two\n".utf8))
        let first = try TreeEditor(nil, bench.reader())
        try first.put(one, at: TreePath("run"), mode: 0o100755)
        try first.put(one, at: TreePath("d/e/f"))
        try first.put(one, at: TreePath("d/g"))
        let tree = try first.write(into: draft)
        try bench.publish([draft], "first")
        let editor = try TreeEditor(tree, bench.reader())
        try editor.put(two, at: TreePath("run"))
        #expect(try editor.entry(at: TreePath("run"))?.mode == 0o100755)
        #expect(try editor.entry(at: TreePath("d"))?.mode == 0o40000)
        #expect(throws: TreeEditError.isFolder(try TreePath("d"))) { try editor.put(two, at: TreePath("d")) }
        #expect(throws: TreeEditError.isFile(try TreePath("run"))) { try editor.put(two, at: TreePath("run/x")) }
        #expect(try editor.removeFolder(at: TreePath("d/e")))
        #expect(try !editor.removeFolder(at: TreePath("d/e")))
        #expect(try !editor.removeFile(at: TreePath("d/nothing")))
        #expect(try editor.entry(at: TreePath("d/e/f")) == nil)
        // What is undone leaves no trace.
        let same = try TreeEditor(tree, bench.reader())
        try same.put(two, at: TreePath("new/file"))
        #expect(try same.removeFile(at: TreePath("new/file")))
        #expect(try same.write(into: bench.draft()) == tree)
    }

    @Test(arguments: [
        "", "/", "a//b", "/a", "a/", ".", "a/..", ".git", "a/.GIT/b", "a/.git\u{200c}/b", "a\0b", "git~1",
    ])
    func pathsThatNoTreeMayHold(path: String) {
        #expect(throws: TreePathError.self) { try TreePath(path) }
    }

    /// The walks recurse, so they need the stack of the threads that they run on.
    @Test func deepPathsNeedNoMoreThanTheStack() async throws {
        let executor = GitExecutor(threads: 1)
        let depth = 2_047
        try await withTaskExecutorPreference(executor) {
            let bench = try Bench()
            let draft = bench.draft()
            let editor = try TreeEditor(nil, bench.reader())
            let blob = try draft.add(.blob, [])
            try editor.put(blob, at: TreePath(Array(repeating: "d", count: depth).joined(separator: "/")))
            let tree = try editor.write(into: draft)
            let commit = try draft.add(
                .commit,
                Array("tree \(tree)\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\nx\n".utf8)
            )
            try bench.publish([draft], "deep")
            let rewritten = bench.draft()
            let rewrite = HistoryRewrite(without: [blob], try bench.reader(), into: rewritten, .standard)
            #expect(try rewrite.rewrite(commit) != commit)
        }
    }
}
