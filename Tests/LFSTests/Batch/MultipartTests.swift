import LFS
import ObjectStore
import Testing

struct MultipartTests {
    private static let mebibyte: Int64 = 1 << 20

    @Test(
        arguments: [
            (1, 16 * mebibyte, 1), (16 * mebibyte, 16 * mebibyte, 1), (16 * mebibyte + 1, 16 * mebibyte, 2),
            (160_000 * mebibyte, 16 * mebibyte, 10_000), (160_000 * mebibyte + 1, 17 * mebibyte, 9_412),
            (5 << 40, 525 * mebibyte, 9_987),
        ] as [(Int64, Int64, Int)]
    )
    func choosesParts(size: Int64, partSize: Int64, count: Int) throws {
        let plan = try #require(MultipartPlan.usual(size: size))
        #expect(plan.partSize == partSize)
        #expect(plan.partCount == count)
    }

    @Test(arguments: [Int64(0), -1, .min, .max])
    func hasNoPlanForTheImpossible(size: Int64) {
        #expect(MultipartPlan.usual(size: size) == nil)
        #expect(MultipartPlan(size: size, partSize: 1) == nil)
        #expect(MultipartPlan(size: 10, partSize: min(size, 0)) == nil)
    }

    @Test func partsCoverTheObjectOnce() throws {
        let plan = try #require(MultipartPlan(size: 25, partSize: 10))
        #expect((1...3).map { plan.range(ofPart: $0) } == [0..<10, 10..<20, 20..<25])
        #expect(plan.range(ofPart: 0) == nil)
        #expect(plan.range(ofPart: 4) == nil)
        let huge = try #require(MultipartPlan(size: .max, partSize: .max))
        #expect(huge.range(ofPart: 1) == 0..<Int64.max)
    }

    @Test func headerHoldsTheChunkSizeAndTheParts() throws {
        let plan = try #require(MultipartPlan(size: 25, partSize: 10))
        let action = try #require(
            plan.action(completion: "c", parts: ["a", "b", "d"], expiresIn: 60, expiresAt: nil)
        )
        #expect(action.href == "c")
        #expect(action.header.map(\.name) == ["chunk_size", "00001", "00002", "00003"])
        #expect(action.header.map(\.value) == ["10", "a", "b", "d"])
        #expect(plan.action(completion: "c", parts: ["a", "b"], expiresIn: 60, expiresAt: nil) == nil)
    }

    @Test func namesOfPartsSortAsTextsAsTheyDoAsNumbers() throws {
        let plan = try #require(MultipartPlan(size: 10_000, partSize: 1))
        let urls = (1...10_000).map(String.init)
        let action = try #require(plan.action(completion: "c", parts: urls, expiresIn: 60, expiresAt: nil))
        let parts = action.header.dropFirst()
        #expect(parts.sorted { $0.name < $1.name }.map(\.value) == urls)
    }

    @Test func readsACompletionInAnyOrder() throws {
        let text = """
            {"oid":"\(abcHex)","parts":[{"partNumber":2,"etag":"\\"b\\""},{"partNumber":1,"etag":"a","x":0}],"y":{}}
            """
        let completion = try MultipartCompletion(body: body(text))
        #expect(completion.oid.hex == abcHex)
        #expect(completion.etags == ["a", "\"b\""])
    }

    @Test(arguments: [
        ("", 400), ("{}", 422), (#"{"oid":"x","parts":[{"partNumber":1,"etag":"a"}]}"#, 422),
        (#"{"oid":"\#(abcHex)"}"#, 422), (#"{"oid":"\#(abcHex)","parts":[]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":{}}"#, 422), (#"{"oid":"\#(abcHex)","parts":[1]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":[{"partNumber":2,"etag":"a"}]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":[{"partNumber":0,"etag":"a"}]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":[{"partNumber":-1,"etag":"a"}]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":[{"partNumber":9223372036854775807,"etag":"a"}]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":[{"partNumber":1,"etag":""}]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":[{"partNumber":1,"etag":null}]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":[{"partNumber":1,"etag":"a\n"}]}"#, 422),
        (#"{"oid":"\#(abcHex)","parts":[{"partNumber":1,"etag":"a"},{"partNumber":1,"etag":"b"}]}"#, 422),
    ])
    func refusesOtherCompletions(text: String, expected: Int) {
        #expect(status { _ = try MultipartCompletion(body: body(text)) } == expected)
    }

    @Test func boundsTheNumberOfParts() {
        let parts = (1...10_001).map { #"{"partNumber":\#($0),"etag":"a"}"# }.joined(separator: ",")
        #expect(status { _ = try MultipartCompletion(body: body(#"{"oid":"\#(abcHex)","parts":[\#(parts)]}"#)) } == 422)
    }

    @Test func readsVerifyRequests() throws {
        #expect(try LFSObject(verifyBody: body(#"{"oid":"\#(abcHex)","size":3}"#)) == object())
        #expect(status { _ = try LFSObject(verifyBody: body(#"{"oid":"\#(abcHex)","size":-3}"#)) } == 422)
        #expect(status { _ = try LFSObject(verifyBody: body(#"{"oid":"x","size":3}"#)) } == 422)
        #expect(status { _ = try LFSObject(verifyBody: body("[]")) } == 422)
        #expect(status { _ = try LFSObject(verifyBody: body("")) } == 400)
    }
}
