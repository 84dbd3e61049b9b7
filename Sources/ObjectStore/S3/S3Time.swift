import Glibc

/// A moment in UTC, to the second, in the spellings that S3 uses.
package struct S3Time: Sendable, Equatable {
    /// Since 1970.
    package var seconds: Int64

    /// `yyyyMMddTHHmmssZ`, as it is signed.
    package var basic: String {
        let parts = calendar
        return date + "T" + Self.padded(parts.tm_hour) + Self.padded(parts.tm_min) + Self.padded(parts.tm_sec) + "Z"
    }

    /// `yyyyMMdd`, the day in the scope of a signature.
    package var date: String {
        let parts = calendar
        return Self.padded(parts.tm_year + 1900, to: 4) + Self.padded(parts.tm_mon + 1) + Self.padded(parts.tm_mday)
    }

    package init(seconds: Int64) { self.seconds = seconds }

    /// Reads `2009-10-12T17:50:30.000Z`, as listings have it; nil for anything else.
    package init?(iso text: String) {
        let fields = text.split(omittingEmptySubsequences: false) { "-T:.Z".contains($0) }
        guard text.hasSuffix("Z"), (7...8).contains(fields.count) else { return nil }
        self.init(fields.prefix(6).map { Int32($0) })
    }

    /// Reads `Fri, 24 May 2013 00:00:00 GMT`, as in the header `Date`; nil for anything else.
    package init?(http text: String) {
        let fields = text.split { " :,".contains($0) }
        guard fields.count == 8, fields[7] == "GMT", let month = Self.months.firstIndex(of: String(fields[2])) else {
            return nil
        }
        self.init(
            [Int32(fields[3]), Int32(month + 1)] + [fields[1], fields[4], fields[5], fields[6]].map { Int32($0) }
        )
    }

    private init?(_ numbers: [Int32?]) {
        let values = numbers.compactMap { $0 }
        guard values.count == 6, (1970...9999).contains(values[0]), (1...12).contains(values[1]),
            (1...31).contains(values[2]), (0...23).contains(values[3]), (0...59).contains(values[4]),
            (0...60).contains(values[5])
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (values[0] - 1900, values[1] - 1, values[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (values[3], values[4], values[5])
        seconds = Int64(timegm(&parts))
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private var calendar: tm {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return parts
    }

    private static func padded(_ number: Int32, to width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
