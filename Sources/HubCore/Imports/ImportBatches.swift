/// The files of an import in portions, each of which one commit can hold.
struct ImportBatches: Sequence, IteratorProtocol {
    private var regular: ArraySlice<ImportPlan.File>
    private var large: ArraySlice<ImportPlan.File>

    private static let files = 10_000
    private static let contentBytes: Int64 = 1 << 30
    private static let pathBytes = 8 << 20

    init(regular: [ImportPlan.File], large: [ImportPlan.File]) {
        self.regular = regular[...]
        self.large = large[...]
    }

    /// The next portion, rules and other small files first; nil when all are given.
    mutating func next() -> [ImportPlan.File]? {
        var (batch, content, paths): ([ImportPlan.File], Int64, Int) = ([], 0, 0)
        while batch.count < Self.files, content < Self.contentBytes, paths < Self.pathBytes {
            let isRegular = !regular.isEmpty
            guard let file = regular.popFirst() ?? large.popFirst() else { break }
            if isRegular { content += file.size }
            paths += file.path.utf8.count
            batch.append(file)
        }
        return batch.isEmpty ? nil : batch
    }
}
