import GitCore
import GranaryTesting
import Testing

/// Histories without some blobs are what they were in everything else.
@Suite("Making histories anew")
struct HistoryRewriteTests {
    private struct History {
        let workshop: Workshop
        let draft: PackDraft
        let secret: ObjectID
        let kept: ObjectID

        init() throws {
            workshop = try Workshop()
            draft = PackDraft(spoolingIn: workshop.files.path)
            secret = try draft.add(.blob, Array("secret".utf8))
            kept = try draft.add(.blob, Array("kept".utf8))
        }

        func tree(_ files: [String: ObjectID]) throws -> ObjectID {
            let editor = try TreeEditor(nil, ObjectReader(workshop.repository.packs.current()))
            for (path, oid) in files { try editor.put(oid, at: TreePath(path)) }
            return try editor.write(into: draft)
        }

        func commit(_ tree: ObjectID, _ parents: [ObjectID], header: String = "", _ message: String) throws -> ObjectID
        {
            let lines = parents.map { "parent \($0)\n" }.joined()
            let people = "author a <a@b> 1 +0200\ncommitter c <c@d> 2 -0300\n"
            return try draft.add(.commit, Array("tree \(tree)\n\(lines)\(people)\(header)\n\(message)".utf8))
        }

        func reader() throws -> ObjectReader {
            var pack: [UInt8] = []
            try PackDraft.write([draft]) { pack.append(contentsOf: $0) }
            let quarantine = try workshop.quarantine()
            try workshop.receive(pack, piece: .max, into: quarantine)
            try quarantine.publish()
            quarantine.settle()
            return try ObjectReader(workshop.repository.packs.current())
        }
    }

    /// What a rewrite has made, by id.
    private func made(_ draft: PackDraft, _ history: History) throws -> ObjectReader {
        var pack: [UInt8] = []
        try PackDraft.write([draft]) { pack.append(contentsOf: $0) }
        let quarantine = try history.workshop.quarantine("made")
        try history.workshop.receive(pack, piece: .max, into: quarantine)
        try quarantine.publish()
        quarantine.settle()
        return try ObjectReader(history.workshop.repository.packs.current())
    }

    @Test func whatTheBlobWasNeverPartOfKeepsItsID() throws {
        let history = try History()
        let clean = try history.tree(["a": history.kept])
        let dirty = try history.tree(["a": history.kept, "d/s": history.secret])
        let root = try history.commit(clean, [], "root\n")
        let left = try history.commit(dirty, [root], "left\n")
        let right = try history.commit(clean, [root], "right\n")
        let merge = try history.commit(clean, [left, right], "merge\n")
        let reader = try history.reader()
        let draft = PackDraft(spoolingIn: history.workshop.files.path)
        let rewrite = HistoryRewrite(without: [history.secret], reader, into: draft, .standard)
        #expect(try rewrite.rewrite(root) == root)
        #expect(try rewrite.rewrite(right) == right)
        let (newLeft, newMerge) = (try rewrite.rewrite(left), try rewrite.rewrite(merge))
        #expect(newLeft != left && newMerge != merge)
        let objects = try made(draft, history)
        let text = String(decoding: try objects.object(newMerge, as: .commit).bytes, as: UTF8.self)
        let expected =
            "tree \(clean)\nparent \(newLeft)\nparent \(right)\nauthor a <a@b> 1 +0200\n"
            + "committer c <c@d> 2 -0300\n\nmerge\n"
        #expect(text == expected)
        let side = try objects.object(newLeft, as: .commit).bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }
        #expect(side.tree == clean && side.parents == [root])
    }

    @Test func signaturesThatNoLongerFitAreLeftOut() throws {
        let history = try History()
        let dirty = try history.tree(["s": history.secret, "k": history.kept])
        let signature = "encoding UTF-8\ngpgsig -----BEGIN\n \n abc\n -----END\nmergetag object x\n type commit\n"
        let commit = try history.commit(dirty, [], header: signature, "tree of words\n\ngpgsig stays here\n")
        let tag = try history.draft.add(
            .tag,
            Array("object \(commit)\ntype commit\ntag v1\ntagger a <a@b> 1 +0000\n\nwords\n".utf8)
        )
        let draft = PackDraft(spoolingIn: history.workshop.files.path)
        let rewrite = HistoryRewrite(without: [history.secret], try history.reader(), into: draft, .standard)
        let (new, newTag) = (try rewrite.rewrite(commit), try rewrite.rewrite(tag))
        let objects = try made(draft, history)
        let text = String(decoding: try objects.object(new, as: .commit).bytes, as: UTF8.self)
        #expect(
            !text.contains("BEGIN") && !text.contains("mergetag") && text.contains("encoding UTF-8\n\ntree of words")
        )
        #expect(text.hasSuffix("\n\ngpgsig stays here\n"))
        let tagText = String(decoding: try objects.object(newTag, as: .tag).bytes, as: UTF8.self)
        #expect(tagText == "object \(new)\ntype commit\ntag v1\ntagger a <a@b> 1 +0000\n\nwords\n")
    }

    @Test func longHistoriesNeedNoStack() throws {
        let history = try History()
        let dirty = try history.tree(["s": history.secret])
        var tip = try history.commit(dirty, [], "0\n")
        for number in 1..<20_000 { tip = try history.commit(dirty, [tip], "\(number)\n") }
        let draft = PackDraft(spoolingIn: history.workshop.files.path)
        let rewrite = HistoryRewrite(without: [history.secret], try history.reader(), into: draft, .standard)
        #expect(try rewrite.rewrite(tip) != tip)
    }
}
