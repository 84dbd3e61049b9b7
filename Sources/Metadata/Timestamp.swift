/// A moment in UTC, counted in microseconds since 1970-01-01 00:00.
///
/// Lower layers never read a clock: whoever starts a use case makes the timestamp and passes it down.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since the epoch; negative before 1970.
    package var microseconds: Int64

    /// A moment from its count of microseconds since the epoch.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment `seconds` later (earlier when negative), held at the ends of the range instead of overflowing.
    package func adding(seconds: Int64) -> Timestamp {
        let (distance, tooFar) = seconds.multipliedReportingOverflow(by: Self.microsecondsPerSecond)
        let (sum, overflow) = microseconds.addingReportingOverflow(distance)
        guard !tooFar, !overflow else { return Timestamp(microseconds: seconds < 0 ? .min : .max) }
        return Timestamp(microseconds: sum)
    }

    /// Whole seconds since the epoch, rounded down: the unit of git's own dates.
    package var seconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: Self.microsecondsPerSecond)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Earlier is smaller.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    private static let microsecondsPerSecond: Int64 = 1_000_000
}

extension Timestamp: CustomStringConvertible {
    /// ISO 8601 in UTC with milliseconds, as the hub API writes it: `2024-05-01T12:00:00.000Z`.
    package var description: String {
        let (days, secondOfDay) = Self.split(seconds)
        let (year, month, day) = Self.civilDate(daysSinceEpoch: days)
        let remainder = microseconds % Self.microsecondsPerSecond
        let millisecond = (remainder < 0 ? remainder + Self.microsecondsPerSecond : remainder) / 1000
        var text: [UInt8] = []
        text.reserveCapacity(24)
        Self.append(year, width: 4, "-", to: &text)
        Self.append(month, width: 2, "-", to: &text)
        Self.append(day, width: 2, "T", to: &text)
        Self.append(secondOfDay / 3600, width: 2, ":", to: &text)
        Self.append(secondOfDay / 60 % 60, width: 2, ":", to: &text)
        Self.append(secondOfDay % 60, width: 2, ".", to: &text)
        Self.append(millisecond, width: 3, "Z", to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends a number with leading zeros, and the character behind it.
    private static func append(_ number: Int64, width: Int, _ end: Unicode.Scalar, to text: inout [UInt8]) {
        let digits = String(number).utf8
        for _ in 0..<max(0, width - digits.count) { text.append(UInt8(ascii: "0")) }
        text.append(contentsOf: digits)
        text.append(UInt8(ascii: end))
    }

    private static func split(_ seconds: Int64) -> (days: Int64, secondOfDay: Int64) {
        let (quotient, remainder) = seconds.quotientAndRemainder(dividingBy: 86_400)
        return remainder < 0 ? (quotient - 1, remainder + 86_400) : (quotient, remainder)
    }

    /// The proleptic Gregorian date of a day number.
    ///
    /// Years are counted from March, so that the leap day is the last of its year, in eras of 400 years (146 097 days).
    private static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSinceEpoch + 719_468  // days from 0000-03-01 to 1970-01-01
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
