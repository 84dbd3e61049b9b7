import Access
import Testing

@Suite struct RecordIDTests {
    @Test func writesWhatItReads() throws {
        let text = "0192f0e1a2b37c4d8e5f60718293a4b5"
        let id = try #require(RecordID(text))
        #expect(id.text == text)
        #expect("\(id)" == text)
        #expect(RecordID(text.uppercased()) == id)
        #expect(RecordID(bytes: id.bytes) == id)
        #expect(id.bytes.count == RecordID.byteCount)
    }

    @Test(arguments: [
        "", "0192", "0192f0e1a2b37c4d8e5f60718293a4bg", "0192f0e1a2b37c4d8e5f60718293a4b5a",
        "../../../../../../../../../../..",
    ])
    func refusesOtherTexts(text: String) {
        #expect(RecordID(text) == nil)
    }

    @Test func hasTheLayoutOfUUIDVersion7() throws {
        let random = [UInt8](repeating: 0xff, count: RecordID.randomByteCount)
        let id = try #require(RecordID(microseconds: 0x0192_f0e1_a2b3 * 1000 + 500, random: random))
        #expect(id.text == "0192f0e1a2b37800bfffffffffffffff")
        #expect(RecordID(microseconds: 0, random: [1, 2, 3]) == nil)
    }

    @Test func sortsByAgeAsIdsBytesAndTexts() throws {
        let times: [Int64] = [-5, 1, 2, 999, 1000, 1001, 1_700_000_000_000_000, 1_700_000_000_000_001, Int64.max / 2]
        let random: [[UInt8]] = [Array(repeating: 0, count: 8), Array(repeating: 255, count: 8)]
        let ids = try times.enumerated().map { try #require(RecordID(microseconds: $1, random: random[($0 + 1) % 2])) }
        for (older, younger) in zip(ids, ids.dropFirst()) {
            #expect(older < younger)
            #expect(older.text < younger.text)
            #expect(older.bytes.lexicographicallyPrecedes(younger.bytes))
        }
    }
}
