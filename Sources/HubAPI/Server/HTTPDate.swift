import Foundation

/// Dates as HTTP writes them: "Sun, 06 Nov 1994 08:49:37 GMT".
///
/// - Source: RFC 9110, 5.6.7.
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The present second.
    static func now() -> String { text(of: time(nil)) }

    /// A second since 1970.
    package static func text(of second: Int) -> String {
        var second = time_t(second)
        var parts = tm()
        guard gmtime_r(&second, &parts) != nil, months.indices.contains(Int(parts.tm_mon)) else { return "" }
        let day = days[Int(parts.tm_wday) % days.count]
        let date = "\(padded(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(Int(parts.tm_year) + 1900)"
        return "\(day), \(date) \(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec)) GMT"
    }

    private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
