import Glibc

/// The order of entries in a tree: by bytes, directories as if their names ended in a slash.
///
/// Two entries of one name need not be neighbours: a file `a` and a directory `a` may have `a.b` between them. So
/// the names of files that a later directory could still repeat are kept; in nearly every tree there are none, and
/// nothing is allocated.
struct TreeOrder {
    private var previous: (name: UnsafeRawBufferPointer, isTree: Bool)?
    /// Names of files, each a prefix of the next and of the previous entry's name.
    private var candidates: [UnsafeRawBufferPointer] = []

    /// Takes the next entry; its name's bytes stay valid as long as this value is used.
    ///
    /// - Throws: `treeNotSorted`, `duplicateEntries`.
    mutating func append(_ entry: TreeEntry) throws(ObjectError) {
        let name = entry.name
        let isTree = entry.kind == .tree
        if let previous {
            try check(previous.name, previous.isTree, before: name, isTree)
            if !previous.isTree, name.count > previous.name.count, name[previous.name.count] < UInt8(ascii: "/"),
                Self.comparePrefix(previous.name, name) == 0
            {
                candidates.append(previous.name)
            }
            try dropCandidates(notBefore: name)
        }
        previous = (name, isTree)
    }

    private func check(
        _ left: UnsafeRawBufferPointer,
        _ leftIsTree: Bool,
        before right: UnsafeRawBufferPointer,
        _ rightIsTree: Bool
    ) throws(ObjectError) {
        let difference = Self.comparePrefix(left, right)
        if difference < 0 { return }
        guard difference == 0 else { throw .treeNotSorted }
        guard left.count != right.count else { throw .duplicateEntries }
        let common = min(left.count, right.count)
        let leftNext = left.count > common ? left[common] : leftIsTree ? UInt8(ascii: "/") : 0
        let rightNext = right.count > common ? right[common] : rightIsTree ? UInt8(ascii: "/") : 0
        guard leftNext < rightNext else { throw .treeNotSorted }
    }

    /// Forgets the candidates that no later entry can repeat, and refuses an entry that repeats one.
    private mutating func dropCandidates(notBefore name: UnsafeRawBufferPointer) throws(ObjectError) {
        while let candidate = candidates.last {
            if candidate.count <= name.count, Self.comparePrefix(candidate, name) == 0 {
                // Sorted, equal and not the neighbour: this is the directory.
                guard candidate.count != name.count else { throw .duplicateEntries }
                return
            }
            candidates.removeLast()
        }
    }

    /// Compares as many bytes as both have: negative, zero or positive.
    private static func comparePrefix(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int32 {
        guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return 0 }
        return memcmp(leftBase, rightBase, min(left.count, right.count))
    }
}
