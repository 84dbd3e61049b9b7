import Glibc

/// Moments as LFS writes them: "2024-05-01T12:00:00Z".
package enum RFC3339 {
    private static let firstYear: Int64 = -62_167_219_200  // 0000-01-01
    private static let lastYear: Int64 = 253_402_300_799  // 9999-12-31

    /// The text of a second since 1970, held within the years 0 … 9999, which are all the format has.
    package static func text(of second: Int64) -> String {
        var time = time_t(min(max(second, firstYear), lastYear))
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "1970-01-01T00:00:00Z" }
        let date = "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        return "\(date)T\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))Z"
    }

    private static func padded(_ number: Int32, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
