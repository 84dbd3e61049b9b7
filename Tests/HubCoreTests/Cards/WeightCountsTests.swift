import HubCore
import JSON
import Testing

@Suite struct WeightCountsTests {
    private func counts(_ header: String) -> WeightCounts? { WeightCounts(header: Array(header.utf8)) }

    @Test func countsByType() throws {
        let header = #"""
            {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
            "b":{"dtype":"F32","shape":[],"data_offsets":[24,28]},"c":{"dtype":"BF16","shape":[5,0]},
            "d":{"dtype":"BF16","shape":[4]}}
            """#
        let found = try #require(counts(header))
        #expect(found.parameters == ["F32": 7, "BF16": 4] && found.total == 11)
        #expect(found.json == ["parameters": ["BF16": 4, "F32": 7], "total": 11])
    }

    @Test(arguments: [
        "", "[]", "{", #"{"a":1}"#, #"{"a":{"dtype":"F32"}}"#, #"{"a":{"dtype":"F32","shape":[-1]}}"#,
        #"{"a":{"dtype":"F32","shape":[1.5]}}"#, #"{"a":{"dtype":"","shape":[1]}}"#, #"{"a":{"shape":[1]}}"#,
        #"{"a":{"dtype":"F32","shape":[4294967296,4294967296]}}"#,
        #"{"a":{"dtype":"F32","shape":[9223372036854775807]},"b":{"dtype":"F32","shape":[1]}}"#,
        #"{"a":{"dtype":"F32F32F32F32F32F32","shape":[1]}}"#, #"{"a":{"dtype":"F32","shape":[[[[[[[[[1]]]]]]]]]}}"#,
    ])
    func refusesWhatIsNoHeader(_ header: String) {
        #expect(counts(header) == nil)
    }

    @Test func sumsThatOverflowAreNoSums() throws {
        let half = try #require(counts(#"{"a":{"dtype":"F32","shape":[9223372036854775807]}}"#))
        let other = try #require(counts(#"{"a":{"dtype":"I8","shape":[1]}}"#))
        var sum = half
        #expect(sum.add(half) == false)
        #expect(sum == half)
        #expect(sum.add(other) == true)
        #expect(sum.total == nil && sum.json == nil)
    }

    @Test func lengthsAreBelieveable() {
        func length(_ bytes: [UInt8], _ size: Int64 = 1_000_000) -> Int? {
            WeightCounts.headerLength(bytes, fileSize: size)
        }
        #expect(length([16, 0, 0, 0, 0, 0, 0, 0]) == 16)
        #expect(length([16, 0, 0, 0, 0, 0, 0]) == nil)
        #expect(length([16, 0, 0, 0, 0, 0, 0, 0], 20) == nil)
        #expect(length(Array(repeating: 0xff, count: 8)) == nil)
        #expect(length([0, 0, 0, 0, 0, 0, 0, 0]) == nil)
        #expect(length([0, 0, 0, 0, 1, 0, 0, 0], .max) == nil)
    }
}
