/// Which packs are joined, so that each of those left has at least twice the weight of the next smaller one.
///
/// An object is then copied a logarithmic number of times in its life, and large packs hardly ever.
///
/// - Source: the idea of git-repack(1) `--geometric`; the weight here is in bytes, since copying bytes is the work.
package enum GeometricPlan {
    /// Packs up to this many are left alone.
    package static let fewPacks = 8

    /// Indexes of the packs to join, ascending; empty when there is nothing to gain.
    ///
    /// - Parameters:
    ///   - weights: of all packs, not negative.
    ///   - fewPacks: so many packs are no reason to join any.
    package static func joined(_ weights: [Int64], fewPacks: Int = fewPacks) -> [Int] {
        guard weights.count > max(1, fewPacks) else { return [] }
        let order = weights.indices.sorted { (weights[$0], $0) < (weights[$1], $1) }
        // From the largest down, as long as each has twice the weight of the next.
        var split = order.count - 1
        while split > 0, weights[order[split]] / 2 >= weights[order[split - 1]] { split -= 1 }
        guard split > 0 else { return [] }
        // What is joined may itself have grown too heavy for the next larger pack.
        var sum = order[...split].reduce(Int64(0)) { $0.addingReportingOverflow(weights[$1]).partialValue }
        while split + 1 < order.count, weights[order[split + 1]] / 2 < sum {
            split += 1
            sum = sum.addingReportingOverflow(weights[order[split]]).partialValue
        }
        return order[...split].sorted()
    }
}
