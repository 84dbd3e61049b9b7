import Metadata
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_714_564_800_123_999, "2024-05-01T12:00:00.123Z"),
            (951_782_399_000_000, "2000-02-28T23:59:59.000Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (-62_167_219_200_000_000, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func isWrittenAsISO8601(_ microseconds: Int64, _ text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
    }

    @Test func addsSecondsWithoutOverflow() {
        #expect(Timestamp(microseconds: 5).adding(seconds: 2).microseconds == 2_000_005)
        #expect(Timestamp(microseconds: 5).adding(seconds: -2).microseconds == -1_999_995)
        #expect(Timestamp(microseconds: .max - 1).adding(seconds: 1).microseconds == .max)
        #expect(Timestamp(microseconds: 0).adding(seconds: .max).microseconds == .max)
        #expect(Timestamp(microseconds: 0).adding(seconds: .min).microseconds == .min)
    }

    @Test(arguments: [Int64.min, .max])
    func describesTheEndsOfItsRange(_ microseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).description.hasSuffix("Z"))
    }

    @Test func roundsSecondsDown() {
        #expect(Timestamp(microseconds: 1_999_999).seconds == 1)
        #expect(Timestamp(microseconds: -1).seconds == -1)
    }
}
