/// A directory that is being edited: the tree it was, and what is different now.
///
/// Reads its tree once, by offsets into the bytes, so that a directory of many entries costs little.
final class EditedDirectory {
    /// What a name leads to now.
    enum Item {
        case leaf(mode: UInt32, oid: ObjectID)
        /// A directory that nobody has looked into.
        case tree(ObjectID)
        case directory(EditedDirectory)
    }

    /// Where an entry lies in the tree's bytes.
    private struct Slot {
        let name: Range<Int>
        let mode: UInt32
        let oid: ObjectID

        var isTree: Bool { mode & FileMode.typeMask == FileMode.tree }
    }

    private let base: ObjectID?
    private let bytes: [UInt8]
    private let slots: [Slot]
    /// By name; nil for what was removed.
    private var changes: [[UInt8]: Item?] = [:]

    /// An empty directory.
    ///
    /// - Throws: `TreeEditError.tooLarge`.
    init(_ budget: TreeEditBudget) throws(TreeEditError) {
        try budget.take(0)
        (base, bytes, slots) = (nil, [], [])
    }

    /// The directory that a tree describes.
    ///
    /// - Throws: `PackError.missing` when there is no such tree, `ObjectError` when it is none;
    ///   `TreeEditError.tooLarge`.
    init(_ oid: ObjectID, _ reader: ObjectReader, _ budget: TreeEditBudget) throws {
        let tree = try reader.object(oid, as: .tree).bytes
        try budget.take(tree.count)
        var slots: [Slot] = []
        try tree.withUnsafeBytes { bytes in
            var iterator = TreeIterator(bytes)
            while let entry = try iterator.next() {
                guard let start = bytes.baseAddress, let name = entry.name.baseAddress else { continue }
                let offset = name - start
                slots.append(Slot(name: offset..<offset + entry.name.count, mode: entry.mode, oid: entry.oid))
            }
        }
        (base, bytes, self.slots) = (oid, tree, slots)
    }

    /// What a name leads to; nil when there is nothing.
    subscript(name: [UInt8]) -> Item? {
        get {
            if let change = changes[name] { return change }
            guard let slot = slot(named: name, isTree: false) ?? slot(named: name, isTree: true) else { return nil }
            return slot.isTree ? .tree(slot.oid) : .leaf(mode: slot.mode, oid: slot.oid)
        }
        set { changes.updateValue(newValue, forKey: name) }
    }

    /// Directories are sorted as if their names ended in a slash, so one name has two places.
    private func slot(named name: [UInt8], isTree: Bool) -> Slot? {
        let key = isTree ? name + [UInt8(ascii: "/")] : name
        var (low, high) = (0, slots.count)
        while low < high {
            let middle = (low + high) / 2
            if self.key(of: slots[middle]).lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        guard low < slots.count, slots[low].isTree == isTree, bytes[slots[low].name].elementsEqual(name) else {
            return nil
        }
        return slots[low]
    }

    private func key(of slot: Slot) -> some Sequence<UInt8> {
        Self.key(bytes[slot.name], isTree: slot.isTree)
    }

    private static func key(_ name: ArraySlice<UInt8>, isTree: Bool) -> [UInt8] {
        isTree ? name + [UInt8(ascii: "/")] : Array(name)
    }

    // MARK: - The result

    private struct Line {
        let key: [UInt8]
        let name: [UInt8]
        let mode: UInt32
        let oid: ObjectID
    }

    /// Adds the trees that are new to a pack, innermost first.
    ///
    /// - Returns: the directory's tree; nil when nothing is left in it, as git keeps no empty folders.
    func write(into pack: PackDraft) throws -> ObjectID? {
        if changes.isEmpty, let base { return slots.isEmpty ? nil : base }
        let lines = try lines(pack)
        var content: [UInt8] = []
        content.reserveCapacity(bytes.count + 64 * lines.count)
        var next = 0
        for slot in slots where changes[Array(bytes[slot.name])] == nil {
            let key = Self.key(bytes[slot.name], isTree: slot.isTree)
            while next < lines.count, lines[next].key.lexicographicallyPrecedes(key) {
                Self.append(lines[next].name[...], lines[next].mode, lines[next].oid, to: &content)
                next += 1
            }
            Self.append(bytes[slot.name], slot.mode, slot.oid, to: &content)
        }
        for line in lines[next...] { Self.append(line.name[...], line.mode, line.oid, to: &content) }
        return content.isEmpty ? nil : try pack.add(.tree, content, unless: base)
    }

    /// The changed entries that are there, in the order of a tree.
    private func lines(_ pack: PackDraft) throws -> [Line] {
        var lines: [Line] = []
        for (name, item) in changes {
            switch item {
            case .none: continue
            case .leaf(let mode, let oid): lines.append(Line(key: name, name: name, mode: mode, oid: oid))
            case .tree(let oid):
                lines.append(Line(key: Self.key(name[...], isTree: true), name: name, mode: FileMode.tree, oid: oid))
            case .directory(let directory):
                guard let oid = try directory.write(into: pack) else { continue }
                lines.append(Line(key: Self.key(name[...], isTree: true), name: name, mode: FileMode.tree, oid: oid))
            }
        }
        return lines.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    private static func append(_ name: ArraySlice<UInt8>, _ mode: UInt32, _ oid: ObjectID, to content: inout [UInt8]) {
        content += String(mode, radix: 8).utf8
        content.append(UInt8(ascii: " "))
        content += name
        content.append(0)
        oid.append(to: &content)
    }
}
