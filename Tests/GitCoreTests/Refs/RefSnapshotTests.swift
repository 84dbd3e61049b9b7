import GitCore
import Testing

struct RefSnapshotTests {
    private func name(_ text: String) throws -> RefName {
        try RefName(validating: Array(text.utf8))
    }

    private func snapshot(_ names: [String], head: String = "refs/heads/main") throws -> RefSnapshot {
        let refs = try names.enumerated().map { Ref(name: try name($1), oid: sampleID(UInt8(truncatingIfNeeded: $0))) }
        return RefSnapshot(refs: refs, headTarget: try name(head), generation: 7, everyObjectReachable: true)
    }

    @Test
    func sortsByBytesAndFinds() throws {
        let snapshot = try snapshot([
            "refs/tags/v1", "refs/heads/main", "refs/heads/a/b", "refs/heads/a-b", "refs/heads/Z",
        ])
        #expect(
            snapshot.refs.map(\.name.string)
                == ["refs/heads/Z", "refs/heads/a-b", "refs/heads/a/b", "refs/heads/main", "refs/tags/v1"]
        )
        #expect(snapshot.ref(named: try name("refs/heads/a/b"))?.oid == sampleID(2))
        #expect(snapshot.ref(named: try name("refs/heads/zzz")) == nil)
        #expect(snapshot.head?.oid == sampleID(1))
        #expect(snapshot.refs(withPrefix: "refs/heads/a".utf8).map(\.oid) == [sampleID(3), sampleID(2)])
        #expect(snapshot.refs(withPrefix: "".utf8).count == 5)
        #expect(snapshot.refs(withPrefix: "zzz".utf8).isEmpty)
        #expect(snapshot.refs(withPrefix: "refs/tags/v1".utf8).count == 1)
    }

    @Test
    func hidesWhatReadersMustNotSee() throws {
        let names = [
            "refs/granary/keep", "refs/heads/main", "refs/merge-requests/1/head", "refs/pr/1", "refs/remotes/o/x",
            "refs/replace/y", "refs/tags/v1",
        ]
        let snapshot = try snapshot(names)
        #expect(
            snapshot.visible().refs.map(\.name.string)
                == ["refs/heads/main", "refs/merge-requests/1/head", "refs/pr/1", "refs/tags/v1"]
        )
        #expect(snapshot.advertised().refs.map(\.name.string) == ["refs/heads/main", "refs/tags/v1"])
        #expect(snapshot.visible().generation == 7)
        #expect(try self.snapshot(["refs/granary/x"], head: "refs/granary/x").visible().head == nil)
    }

    private static let spellings: [(String, String?)] = [
        ("main", "refs/heads/main"), ("heads/main", "refs/heads/main"), ("refs/heads/main", "refs/heads/main"),
        ("v1", "refs/tags/v1"), ("HEAD", "refs/heads/main"), ("both", nil), ("nothing", nil), ("-x", nil),
        ("a..b", nil),
    ]

    @Test(arguments: spellings)
    func resolvesSpellings(_ spelling: String, _ expected: String?) throws {
        let snapshot = try snapshot(["refs/heads/both", "refs/heads/main", "refs/tags/both", "refs/tags/v1"])
        let ref = snapshot.resolve(try #require(RefSpelling(spelling.utf8)))
        #expect(ref?.name.string == expected)
    }

    /// The time limit is for what is quadratic.
    @Test(.timeLimit(.minutes(1)))
    func isCheapForManyRefs() throws {
        let refs = try (0..<50_000).map { Ref(name: try name("refs/heads/branch-\(100_000 + $0)"), oid: .zero) }
        let head = try name("refs/heads/branch-100000")
        let snapshot = RefSnapshot(refs: refs, headTarget: head, generation: 1, everyObjectReachable: false)
        let found = stride(from: 0, to: refs.count, by: 50).filter { snapshot.ref(named: refs[$0].name) != nil }
        #expect(found.count == 1_000)
    }
}
