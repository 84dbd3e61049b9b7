/// Where stored entries went in a pack that is being written: ranges that were copied with one shift.
struct PackRuns {
    private struct Run {
        /// Offsets in the stored pack.
        var from: Int64
        var to: Int64
        /// Offset in the output of what was at `from`.
        var output: Int64
    }

    /// By the packs' numbers, each ascending.
    private var runs: [[Run]]

    init(packs: Int) {
        runs = [[Run]](repeating: [], count: packs)
    }

    /// Notes that a range goes to `output`; ranges of one pack come in ascending order.
    mutating func append(pack: Int, from: Int64, to: Int64, output: Int64) {
        if let last = runs[pack].last, last.to == from, last.output + (last.to - last.from) == output {
            runs[pack][runs[pack].count - 1].to = to
        } else {
            runs[pack].append(Run(from: from, to: to, output: output))
        }
    }

    /// Where the entry at `location` went; nil when it was not copied (yet).
    func output(of location: ObjectLocation) -> Int64? {
        let runs = runs[location.pack]
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].from <= location.offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let run = runs[low - 1]
        return location.offset < run.to ? run.output + (location.offset - run.from) : nil
    }
}
