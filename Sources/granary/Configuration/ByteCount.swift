/// Numbers of bytes as people write them.
enum ByteCount {
    private static let units: [(suffix: String, shift: Int)] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]

    /// Reads a number of bytes, alone or followed by KiB, MiB, GiB or TiB.
    ///
    /// - Returns: nil for anything else, for negative numbers and for what 63 bits cannot hold.
    static func parse(_ text: String) -> Int64? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let count = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
        let suffix = String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self)
        guard !suffix.isEmpty else { return count }
        guard let unit = units.first(where: { $0.suffix == suffix }) else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: Int64(1) << Int64(unit.shift))
        return overflow ? nil : product
    }

    /// The shortest exact form: `64GiB`, `1500`.
    static func text(_ count: Int64) -> String {
        for unit in units {
            let (size, shift) = (Int64(1) << Int64(unit.shift), unit.shift)
            if count >= size, count % size == 0 { return "\(count >> Int64(shift))\(unit.suffix)" }
        }
        return "\(count)"
    }
}
