import GitCore
import Testing

struct ObjectFilterTests {
    private func parse(_ text: String) throws -> ObjectFilter {
        try ObjectFilter(parsing: Array(text.utf8))
    }

    private static let specifications: [(String, ObjectFilter)] = [
        ("blob:none", ObjectFilter.blobNone), ("blob:limit=0", .blobLimit(0)), ("blob:limit=1k", .blobLimit(1_024)),
        ("blob:limit=2M", .blobLimit(2 << 20)), ("blob:limit=3g", .blobLimit(3 << 30)), ("tree:0", .treeDepth(0)),
        ("tree:12", .treeDepth(12)), ("object:type=commit", .objectType(.commit)),
        ("object:type=tag", .objectType(.tag)),
        ("combine:blob:none", .combine([.blobNone])),
        ("combine:tree:3+blob:none", .combine([.treeDepth(3), .blobNone])),
        ("combine:tree%3A3+blob%3anone", .combine([.treeDepth(3), .blobNone])),
        (
            "combine:combine:tree:1%2bblob:none+object:type=tree",
            .combine([.combine([.treeDepth(1), .blobNone]), .objectType(.tree)])
        ),
    ]

    @Test(arguments: specifications)
    func readsSpecifications(_ text: String, _ filter: ObjectFilter) throws {
        #expect(try parse(text) == filter)
        #expect(try parse(filter.description) == filter)
    }

    @Test(arguments: [
        "", "blob", "blob:", "blob:limit=", "blob:limit=k", "blob:limit=-1", "blob:limit=1kk", "blob:limit=1t", "tree:",
        "tree:-1",
        "blob:limit=9223372036854775808", "blob:limit=9007199254740993g", "tree:99999999999999999999", "object:type=",
        "nonsense",
        "object:type=Commit", "object:type=blob ", "combine:", "combine:tree:1+", "combine:+tree:1", "combine:tree:1%2",
        "combine:%zz",
        "combine:tree:1 ", "combine:blob:none+sparse", "combine:a~b", "BLOB:NONE", "blob:none\n",
    ])
    func refusesNonsense(_ text: String) {
        #expect {
            try parse(text)
        } throws: { error in
            guard case .invalid = error as? ObjectFilterError else { return false }
            return true
        }
    }

    @Test(arguments: ["sparse:oid=main:x", "sparse:path=/etc/passwd", "combine:tree:1+sparse:oid=abc"])
    func refusesSparseFiltersWithAReason(_ text: String) {
        #expect {
            try parse(text)
        } throws: { error in
            (error as? ObjectFilterError)?.message.contains("sparse filters are refused") == true
        }
    }

    @Test
    func boundsNestingCountAndSize() {
        let flat = "combine:" + Array(repeating: "tree:1", count: 17).joined(separator: "+")
        let long = "combine:tree:" + String(repeating: "1", count: 5_000)
        for text in [flat, long, String(repeating: "combine:", count: 5) + "tree:1"] {
            #expect(throws: ObjectFilterError.tooComplex) { try parse(text) }
        }
    }
}
