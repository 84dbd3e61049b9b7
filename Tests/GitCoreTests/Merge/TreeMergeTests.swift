import GitCore
import GranaryTesting
import Testing

/// Trees as what they come to: files by their paths.
@Suite("Merging trees")
struct TreeMergeTests {
    typealias Files = [String: Int]

    /// Trees in a repository, by the files that they hold.
    private struct Trees {
        let workshop: Workshop
        let reader: ObjectReader
        private var blobs: [ObjectID] = []
        private(set) var roots: [ObjectID] = []

        init(_ all: [Files]) throws {
            workshop = try Workshop()
            let empty = try ObjectReader(workshop.repository.packs.current())
            let draft = PackDraft(spoolingIn: workshop.files.path)
            for number in 0..<6 { blobs.append(try draft.add(.blob, Array("content \(number)\n".utf8))) }
            for files in all {
                roots.append(try Self.write(files, blobs, TreeEditor(nil, empty), draft))
            }
            var pack: [UInt8] = []
            try PackDraft.write([draft]) { pack.append(contentsOf: $0) }
            let quarantine = try workshop.quarantine()
            try workshop.receive(pack, piece: .max, into: quarantine)
            try quarantine.publish()
            quarantine.settle()
            reader = try ObjectReader(workshop.repository.packs.current())
        }

        /// The tree that would hold these files.
        func id(of files: Files) throws -> ObjectID {
            let draft = PackDraft(spoolingIn: workshop.files.path)
            return try Self.write(files, blobs, TreeEditor(nil, reader), draft)
        }

        /// The tree that a merge makes of ours.
        func result(_ merge: TreeMerge, _ ours: ObjectID) throws -> ObjectID {
            let editor = try TreeEditor(ours, reader)
            try merge.apply(to: editor)
            return try editor.write(into: PackDraft(spoolingIn: workshop.files.path))
        }

        private static func write(
            _ files: Files,
            _ blobs: [ObjectID],
            _ editor: TreeEditor,
            _ draft: PackDraft
        ) throws -> ObjectID {
            for (path, content) in files { try editor.put(blobs[content], at: try TreePath(path)) }
            return try editor.write(into: draft)
        }
    }

    private func conflicts(_ merge: TreeMerge) -> [String] {
        merge.conflicts.map { String(decoding: Array($0.joined(separator: [UInt8(ascii: "/")])), as: UTF8.self) }
    }

    @Test(
        arguments: [
            // Each side its own file, in folders that both enter.
            (["d/a": 0, "d/b": 0, "x": 0], ["d/a": 1, "d/b": 0, "x": 0], ["d/a": 0, "d/b": 2, "y": 3], []),
            // The same on both sides.
            (["a": 0], ["a": 1, "n": 2], ["a": 1, "n": 2], []),
            (["a": 0], ["a": 1], ["a": 2], ["a"]),
            (["a": 0], [:], ["a": 2], ["a"]),
            (["a": 0], ["a": 2], [:], ["a"]),
            ([:], ["a": 1], ["a": 2], ["a"]),
            // A folder goes on one side, something in it changes on the other.
            (["d/a": 0, "d/b": 0], [:], ["d/a": 0, "d/b": 1], ["d/b"]),
            (["d/a": 0, "d/b": 0], ["d/a": 0, "d/b": 1], [:], ["d/b"]),
            (["d/a": 0], [:], ["d/a": 0, "d/n": 1], []),
            // A file becomes a folder, and the other way round.
            (["a": 0, "z": 0], ["a": 0, "z": 1], ["a/b": 0, "z": 0], []),
            (["a/b": 0, "z": 0], ["a/b": 0, "z": 1], ["a": 0, "z": 0], []),
            ([:], ["a": 1], ["a/b": 1], ["a"]),
            ([:], ["a/b": 1], ["a": 1], ["a"]),
            (["a/b": 0], ["a": 1], ["a/b": 0, "a/c": 1], ["a"]),
            // Names around the place of a slash.
            (["a": 0, "a-b": 0, "a0": 0], ["a": 0, "a-b": 1, "a0": 0], ["a/x": 0, "a-b": 0, "a0": 2], []),
        ] as [(Files, Files, Files, [String])]
    )
    func tellsConflicts(base: Files, ours: Files, theirs: Files, expected: [String]) throws {
        let trees = try Trees([base, ours, theirs])
        let roots = trees.roots
        let merge = try TreeMerge(base: roots[0], ours: roots[1], theirs: roots[2], trees.reader)
        #expect(conflicts(merge) == expected)
        guard expected.isEmpty, case .files(let files) = Self.model(base, ours, theirs) else { return }
        #expect(try trees.result(merge, roots[1]) == trees.id(of: files))
    }

    @Test func historiesThatNeverMeetAgreeOnWhatIsTheSame() throws {
        let trees = try Trees([["a": 0, "b": 1], ["a": 0, "c": 2], ["a": 3]])
        let merge = try TreeMerge(base: nil, ours: trees.roots[0], theirs: trees.roots[1], trees.reader)
        #expect(merge.conflicts.isEmpty)
        #expect(try trees.result(merge, trees.roots[0]) == trees.id(of: ["a": 0, "b": 1, "c": 2]))
        let other = try TreeMerge(base: nil, ours: trees.roots[0], theirs: trees.roots[2], trees.reader)
        #expect(conflicts(other) == ["a"])
    }

    @Test func stopsWhereItWouldCostTooMuch() throws {
        let deep = (0..<6).map { _ in "d/" }.joined()
        let trees = try Trees([[deep + "a": 0], [deep + "a": 1], [deep + "b": 0]])
        var limits = TreeMerge.Limits()
        limits.depth = 3
        #expect(throws: TreeMergeError.tooLarge) {
            _ = try TreeMerge(
                base: trees.roots[0],
                ours: trees.roots[1],
                theirs: trees.roots[2],
                trees.reader,
                limits: limits
            )
        }
        limits = TreeMerge.Limits()
        limits.changes = 2
        let wide = try Trees([[:], ["z": 0], ["a": 0, "b": 0, "c": 0]])
        #expect(throws: TreeMergeError.tooLarge) {
            _ = try TreeMerge(
                base: wide.roots[0],
                ours: wide.roots[1],
                theirs: wide.roots[2],
                wide.reader,
                limits: limits
            )
        }
    }

    /// Random edits, against the rule for paths: what one side alone has changed counts.
    @Test(arguments: 0..<6)
    func mergesAsPathsDo(seed: UInt64) throws {
        var random = SeededRandom(9_100 + seed)
        let triples = (0..<150).map { _ in
            let base = Self.edited([:], 6, &random)
            return [base, Self.edited(base, 3, &random), Self.edited(base, 3, &random)]
        }
        let trees = try Trees(triples.flatMap { $0 })
        var clean = 0
        for (index, triple) in triples.enumerated() {
            let roots = Array(trees.roots[3 * index..<3 * index + 3])
            let merge = try TreeMerge(base: roots[0], ours: roots[1], theirs: roots[2], trees.reader)
            switch Self.model(triple[0], triple[1], triple[2]) {
            case .conflict: #expect(!merge.conflicts.isEmpty, "\(triple)")
            // A folder that ours alone has changed may be a conflict with a file of theirs, though all in it goes.
            case .files where !merge.conflicts.isEmpty: continue
            case .files(let files):
                clean += 1
                #expect(try trees.result(merge, roots[1]) == trees.id(of: files), "\(triple)")
            }
        }
        #expect(clean > 40)
    }

    private enum Model {
        case conflict
        case files(Files)
    }

    private static func model(_ base: Files, _ ours: Files, _ theirs: Files) -> Model {
        var merged: Files = [:]
        for path in Set(base.keys).union(ours.keys).union(theirs.keys) {
            let (b, o, t) = (base[path], ours[path], theirs[path])
            guard b == t || b == o || o == t else { return .conflict }
            merged[path] = b == t ? o : t
        }
        return isTree(merged) ? .files(merged) : .conflict
    }

    /// Whether no path is a file and a folder.
    private static func isTree(_ files: Files) -> Bool {
        files.keys.allSatisfy { path in files.keys.allSatisfy { !$0.hasPrefix(path + "/") } }
    }

    private static func edited(_ files: Files, _ count: Int, _ random: inout SeededRandom) -> Files {
        var files = files
        for _ in 0..<count {
            if let path = files.keys.sorted().randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0
            {
                files[path] = Bool.random(using: &random) ? nil : Int.random(in: 0..<6, using: &random)
                continue
            }
            let depth = Int.random(in: 1...3, using: &random)
            let names = (0..<depth).map { _ in ["a", "b", "a-b", "a0"].randomElement(using: &random) ?? "a" }
            var next = files
            next[names.joined(separator: "/")] = Int.random(in: 0..<6, using: &random)
            if isTree(next) { files = next }
        }
        return files
    }
}
