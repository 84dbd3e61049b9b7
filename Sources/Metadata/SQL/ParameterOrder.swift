/// In which order SQLite numbers the parameters of a statement, and how many there are.
///
/// PostgreSQL reads `$2` as "the second"; for SQLite it is a name, which gets the next number where it first appears, and
/// the same number where it appears again.
package struct ParameterOrder: Sendable, Equatable {
    /// For each parameter of SQLite, the index of our value: `… $2 … $1 … $2` gives 1, 0.
    package let indices: [Int]
    /// The highest number in the text: how many values the statement needs, if no number is left out.
    package let highest: Int

    /// Reads the order from the text of a statement.
    ///
    /// Our statements have no `$` in literals, comments or quoted names; one that had would be refused for its number of
    /// values, not bound wrongly.
    package init(of sql: String) {
        var indices: [Int] = []
        var bytes = sql.utf8[...]
        while let dollar = bytes.firstIndex(of: UInt8(ascii: "$")) {
            bytes = bytes[dollar...].dropFirst()
            let digits = bytes.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            bytes = bytes[digits.endIndex...]
            guard let number = Int(String(decoding: digits, as: UTF8.self)), number > 0 else { continue }
            if !indices.contains(number - 1) { indices.append(number - 1) }
        }
        self.indices = indices
        highest = (indices.max() ?? -1) + 1
    }
}
