/// What a partial clone's filter means for one object; the filters of a combination must all agree.
struct FilterRule {
    private var omitsBlobs = false
    private var blobLimit: Int64?
    private var treeDepth: Int?
    private var onlyType: ObjectType?
    private var isImpossible = false

    init(_ filter: ObjectFilter?) {
        if let filter { add(filter) }
    }

    private mutating func add(_ filter: ObjectFilter) {
        switch filter {
        case .blobNone: omitsBlobs = true
        case .blobLimit(let limit): blobLimit = min(blobLimit ?? .max, limit)
        case .treeDepth(let depth): treeDepth = min(treeDepth ?? .max, depth)
        case .objectType(let type):
            isImpossible = isImpossible || (onlyType.map { $0 != type } ?? false)
            onlyType = type
        case .combine(let filters): for filter in filters { add(filter) }
        }
    }

    /// True when nothing is left out.
    var isEmpty: Bool { !omitsBlobs && blobLimit == nil && treeDepth == nil && onlyType == nil && !isImpossible }

    /// True when trees of any depth are left out, and with them all blobs.
    var omitsAllTrees: Bool { treeDepth == 0 }

    /// True when the sizes of blobs matter.
    var hasBlobLimit: Bool { blobLimit != nil }

    /// True when the same tree may be treated differently at another depth.
    var dependsOnDepth: Bool { treeDepth != nil }

    /// Whether objects of this type can be in the result at all.
    func includes(_ type: ObjectType) -> Bool {
        !isImpossible && (onlyType ?? type) == type
    }

    /// Whether a tree so many levels below its root tree is in the result.
    func includesTree(depth: Int) -> Bool {
        includes(.tree) && depth < treeDepth ?? .max
    }

    /// Whether anything in a tree of this depth can be in the result, so that it must be read.
    func descends(below depth: Int) -> Bool {
        guard !isImpossible, treeDepth.map({ depth + 1 < $0 }) ?? true else { return false }
        switch onlyType {
        case .commit, .tag: return false
        case .tree, nil, .blob: return true
        }
    }

    /// Whether a blob is in the result; `size` is asked for only when it matters.
    func includesBlob(depth: Int, size: () throws -> Int64) rethrows -> Bool {
        guard !omitsBlobs, includes(.blob), depth < treeDepth ?? .max else { return false }
        guard let blobLimit else { return true }
        return try size() < blobLimit
    }
}
