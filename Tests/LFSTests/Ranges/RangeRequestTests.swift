import LFS
import ObjectStore
import Testing

struct RangeRequestTests {
    private func decide(_ field: String?, size: Int64, ifRange: String? = nil) -> RangeRequest {
        RangeRequest(field: field, ifRange: ifRange, etag: "\"e\"", size: size)
    }

    @Test(
        arguments: [
            ("bytes=0-0", 0..<1), ("bytes=0-9", 0..<10), ("bytes=0-99", 0..<10), ("bytes=3-", 3..<10),
            ("bytes=9-9", 9..<10),
            ("bytes=9-", 9..<10), ("bytes=-1", 9..<10), ("bytes=-10", 0..<10), ("bytes=-11", 0..<10),
            ("BYTES=0-1", 0..<2),
            (" bytes= 0-1 ", 0..<2), ("bytes=00-01", 0..<2), ("bytes=2-9223372036854775807", 2..<10),
            ("bytes=2-99999999999999999999999", 2..<10), ("bytes=-99999999999999999999999", 0..<10),
        ] as [(String, Range<Int64>)]
    )
    func givesAPart(field: String, range: Range<Int64>) {
        #expect(decide(field, size: 10) == .part(range))
    }

    @Test(arguments: [
        nil, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-4", "bytes=0-1,3-4", "bytes=0-0,",
        "bytes=--1", "bytes=-1-2", "bytes=0-1-2", "bytes=+0-1", "bytes=0x0-1", "bytes=0 - 1", "bytes=0.5-1",
        "items=0-1",
        "bytes 0-1", "bytes==0-1", "bytes=\u{0}0-1", "bytes=０-1", "=0-1",
    ])
    func ignores(field: String?) {
        #expect(decide(field, size: 10) == .whole)
    }

    @Test(arguments: [
        "bytes=10-", "bytes=10-20", "bytes=-0", "bytes=9223372036854775807-", "bytes=99999999999999999999-",
    ])
    func cannotSatisfy(field: String) {
        #expect(decide(field, size: 10) == .unsatisfiable)
    }

    @Test func emptyObjectsHaveNoPart() {
        #expect(decide("bytes=0-0", size: 0) == .unsatisfiable)
        #expect(decide("bytes=0-", size: 0) == .unsatisfiable)
        #expect(decide("bytes=-5", size: 0) == .whole)
        #expect(decide(nil, size: 0) == .whole)
    }

    @Test func reachesTheEndOfTheLargestObject() {
        #expect(decide("bytes=0-", size: .max) == .part(0..<Int64.max))
        #expect(decide("bytes=-1", size: .max) == .part(Int64.max - 1..<Int64.max))
        #expect(decide("bytes=9223372036854775807-", size: .max) == .unsatisfiable)
    }

    @Test(arguments: [
        ("\"e\"", true), (" \"e\" ", true), ("W/\"e\"", false), ("\"f\"", false), ("e", false), ("", false),
        ("Sun, 06 Nov 1994 08:49:37 GMT", false),
    ])
    func resumesOnlyTheSameObject(ifRange: String, isPart: Bool) {
        #expect(decide("bytes=1-", size: 10, ifRange: ifRange) == (isPart ? .part(1..<10) : .whole))
    }

    @Test func tellsWhichPartItIs() {
        #expect(RangeRequest.part(2..<10).contentRange(size: 20) == "bytes 2-9/20")
        #expect(RangeRequest.unsatisfiable.contentRange(size: 20) == "bytes */20")
        #expect(RangeRequest.whole.contentRange(size: 20) == nil)
    }

    @Test(arguments: [
        ("\"e\"", true, true), ("*", true, true), (" * ", true, true), ("W/\"e\"", true, false),
        ("\"a\", \"e\"", true, true),
        ("\"a\",W/\"e\" ", true, false), ("\"a\"", false, false), ("", false, false), ("e", false, false),
        ("w/\"e\"", false, false), (String(repeating: "\"a\",", count: 100) + "\"e\"", false, false),
    ])
    func findsEntityTags(field: String, weakly: Bool, strongly: Bool) {
        #expect(EntityTag.isListed("\"e\"", in: field, isWeak: true) == weakly)
        #expect(EntityTag.isListed("\"e\"", in: field, isWeak: false) == strongly)
    }

    @Test func tagIsTheOidInQuotes() throws {
        #expect(EntityTag.of(try object().oid) == "\"\(abcHex)\"")
    }
}
