import GitCore
import NIOCore
import Testing

struct LsRefsTests {
    private func snapshot(_ names: [String], head: String = "refs/heads/main") throws -> RefSnapshot {
        let refs = try names.map { text in
            let name = try RefName(validating: Array(text.utf8))
            return Ref(name: name, oid: sampleID(1), peeled: name.isTag ? sampleID(2) : nil)
        }
        let head = try RefName(validating: Array(head.utf8))
        return RefSnapshot(refs: refs, headTarget: head, generation: 1, everyObjectReachable: true)
    }

    private func names(_ prefixes: [String]) throws -> [String] {
        var request = LsRefsRequest()
        request.prefixes = prefixes.map { Array($0.utf8) }
        let snapshot = try snapshot([
            "refs/granary/a", "refs/heads/a", "refs/heads/ab", "refs/heads/main", "refs/merge-requests/1/head",
            "refs/notes/x",
            "refs/pr/1", "refs/pr/10", "refs/pr/2", "refs/replace/z", "refs/tags/v1",
        ])
        return request.response(from: snapshot).flatMap { spelled($0) }.dropLast().map { String($0.dropFirst(41)) }
    }

    private static let selections: [([String], [String])] = [
        ([], ["HEAD", "refs/heads/a", "refs/heads/ab", "refs/heads/main", "refs/notes/x", "refs/tags/v1"]),
        (["HEAD"], ["HEAD"]), (["HE"], ["HEAD"]), (["HEADS"], []),
        (["refs/heads/a"], ["refs/heads/a", "refs/heads/ab"]),
        (["refs/heads/a", "refs/heads/", "refs/heads/a"], ["refs/heads/a", "refs/heads/ab", "refs/heads/main"]),
        (["refs/tags/", "refs/heads/ab"], ["refs/heads/ab", "refs/tags/v1"]),
        (["refs/granary/", "refs/replace/z"], []),
        (["refs/pr/1"], ["refs/pr/1", "refs/pr/10"]), (["refs/pr/"], ["refs/pr/1", "refs/pr/10", "refs/pr/2"]),
        (["refs/p"], []), (["refs/merge-requests/1/"], ["refs/merge-requests/1/head"]),
        (
            ["refs/", "refs/pr/2"],
            ["refs/heads/a", "refs/heads/ab", "refs/heads/main", "refs/notes/x", "refs/pr/2", "refs/tags/v1"]
        ),
    ]

    @Test(arguments: selections)
    func listsWhatThePrefixesSelect(_ prefixes: [String], _ expected: [String]) throws {
        #expect(try names(prefixes) == expected)
    }

    @Test
    func writesAttributes() throws {
        var request = LsRefsRequest()
        request.peel = true
        request.symrefs = true
        let lines = try request.response(from: snapshot(["refs/heads/main", "refs/tags/v1"])).flatMap { spelled($0) }
        let oid = sampleID(1)
        #expect(
            lines == [
                "\(oid) HEAD symref-target:refs/heads/main", "\(oid) refs/heads/main",
                "\(oid) refs/tags/v1 peeled:\(sampleID(2))", "0000",
            ]
        )
    }

    @Test
    func tellsOfAnUnbornHeadOnlyWhenAsked() throws {
        var request = LsRefsRequest()
        let empty = try snapshot([])
        #expect(request.response(from: empty).flatMap { spelled($0) } == ["0000"])
        request.unborn = true
        request.symrefs = true
        #expect(
            request.response(from: empty).flatMap { spelled($0) } == [
                "unborn HEAD symref-target:refs/heads/main", "0000",
            ]
        )
        request.prefixes = [Array("refs/".utf8)]
        #expect(request.response(from: empty).flatMap { spelled($0) } == ["0000"])
    }

    @Test
    func cutsLongAnswersIntoBuffers() throws {
        let snapshot = try snapshot((0..<20_000).map { "refs/heads/branch-\(10_000 + $0)" }, head: "refs/heads/none")
        var count = 0
        var buffers = 0
        for buffer in LsRefsRequest().response(from: snapshot) {
            #expect(buffer.readableBytes < 65_536)
            count += spelled(buffer).count
            buffers += 1
        }
        #expect(count == 20_001)
        #expect(buffers > 10)
    }
}
