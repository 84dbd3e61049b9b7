/// Columns for people; scripts use `--json`.
struct TextTable {
    private let header: [String]
    private var rows: [[String]] = []

    /// A table with these column titles.
    init(_ header: [String]) { self.header = header }

    /// Adds a row; missing cells are empty, cells beyond the header are dropped.
    mutating func add(_ cells: [String]) {
        rows.append(header.indices.map { $0 < cells.count ? Printable.text(cells[$0]) : "" })
    }

    /// The lines, columns two spaces apart; just the header when there are no rows.
    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
