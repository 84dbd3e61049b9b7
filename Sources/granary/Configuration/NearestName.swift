/// Suggestions for misspelt names.
enum NearestName {
    /// The known name closest to `name`, when it is close enough to be what was meant.
    ///
    /// Distance counts inserted, removed and replaced bytes; up to a third of the name may differ. Long inputs get none.
    static func to(_ name: String, among known: [String]) -> String? {
        let bytes = Array(name.lowercased().utf8)
        guard (1...128).contains(bytes.count) else { return nil }
        let candidates = known.map { (name: $0, distance: distance(bytes, Array($0.lowercased().utf8))) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, bytes.count / 3) ? best.name : nil
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let replaced = diagonal + (byte == right[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
