import Glibc
package import Metadata

/// How much a repository is used at the moment: each use counts half as much after a week.
///
/// What is kept is the logarithm of the sum, in which time is a summand. It changes only when the repository is used, and
/// still keeps its order among all others: nothing has to be made smaller as time goes by.
package enum Trend {
    /// Seconds after which a use counts half.
    private static let halfLife = 604_800.0
    /// Parts of a doubling that a number counts.
    private static let unit = 1_000_000_000.0

    /// What a like counts, in downloads.
    package static let likeWeight = 10.0

    /// The value after `weight` downloads at a moment, or before a use that is taken back, which changes nothing.
    package static func value(_ old: Int64, adding weight: Double, at now: Timestamp) -> Int64 {
        guard weight > 0 else { return old }
        let added = Double(now.seconds) / halfLife + log2(weight)
        guard old > 0 else { return Int64(added * unit) }
        let known = Double(old) / unit
        let (greater, smaller) = (max(known, added), min(known, added))
        return Int64((greater + log2(1 + exp2(smaller - greater))) * unit)
    }

    /// The score that a value means at a moment, in downloads of that moment.
    package static func score(_ value: Int64, at now: Timestamp) -> Int64 {
        guard value > 0 else { return 0 }
        let exponent = Double(value) / unit - Double(now.seconds) / halfLife
        return Int64(exp2(min(exponent, 60)).rounded())
    }
}
