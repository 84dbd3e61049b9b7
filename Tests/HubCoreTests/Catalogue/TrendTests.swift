import HubCore
import Metadata
import Testing

@Suite struct TrendTests {
    private let now = Timestamp(microseconds: 1_700_000_000_000_000)

    @Test func eachUseCountsHalfAfterAWeek() {
        let value = Trend.value(0, adding: 64, at: now)
        for (weeks, score) in [(0, 64), (1, 32), (2, 16), (6, 1), (7, 0), (1_000, 0)] as [(Int64, Int64)] {
            let found = Trend.score(value, at: now.adding(seconds: weeks * 604_800))
            #expect(abs(found - score) <= 1, "\(weeks) weeks: \(found)")
        }
    }

    @Test func usesAddUp() {
        var value = Int64(0)
        for _ in 0..<100 { value = Trend.value(value, adding: 1, at: now) }
        #expect(abs(Trend.score(value, at: now) - 100) <= 1)
        value = Trend.value(value, adding: 50, at: now.adding(seconds: 604_800))
        #expect(abs(Trend.score(value, at: now.adding(seconds: 604_800)) - 100) <= 1)
    }

    @Test func nothingIsNothing() {
        #expect(Trend.score(0, at: now) == 0)
        #expect(Trend.value(5, adding: 0, at: now) == 5 && Trend.value(5, adding: -1, at: now) == 5)
        #expect(Trend.score(.max, at: now) > 0)
        _ = Trend.score(.min, at: now)
    }
}
