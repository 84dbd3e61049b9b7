/// Brings together two trees that come from one: what they did to it, entry by entry.
///
/// A file that both have changed, and not to the same, is a conflict; contents are not looked at. Directories are entered
/// only where both sides have changed them.
package struct TreeMerge {
    /// What one side did that the other has to take over.
    package struct Change: Sendable, Equatable {
        /// Names from the root.
        package var path: [[UInt8]]
        /// What is there now; nil when it was removed.
        package var entry: Entry?
        /// Whether a directory was removed.
        package var removesDirectory = false
    }

    /// An entry of a tree without its name.
    package struct Entry: Sendable, Equatable {
        package var mode: UInt32
        package var oid: ObjectID

        var isTree: Bool { mode & FileMode.typeMask == FileMode.tree }
    }

    /// What makes our tree the merged one, in an order in which it can be applied.
    package private(set) var changes: [Change] = []
    /// Paths that both have changed differently.
    package private(set) var conflicts: [[[UInt8]]] = []

    private let reader: ObjectReader
    private let limits: Limits
    private var directories = 0
    private var entries = 0

    /// What a merge may cost.
    package struct Limits: Sendable {
        /// Changes and conflicts, each.
        package var changes = 200_000
        /// Directories that both sides have changed.
        package var directories = 50_000
        /// Entries of those, on all sides together.
        package var entries = 5_000_000
        /// Directories inside each other that both sides have changed.
        package var depth = 256

        /// Limits for the work of one request.
        package init() {}
    }

    /// Compares three root trees.
    ///
    /// - Parameter base: what both come from; nil when their histories never meet.
    /// - Throws: `TreeMergeError`; errors of damaged packs.
    package init(
        base: ObjectID?,
        ours: ObjectID,
        theirs: ObjectID,
        _ reader: ObjectReader,
        limits: Limits = Limits()
    ) throws {
        self.reader = reader
        self.limits = limits
        _ = try merge(base, ours, theirs, at: [])
    }

    /// Notes what theirs did inside a directory.
    ///
    /// - Returns: whether something is put there.
    private mutating func merge(
        _ base: ObjectID?,
        _ ours: ObjectID?,
        _ theirs: ObjectID?,
        at path: [[UInt8]]
    ) throws -> Bool {
        if base == theirs || ours == theirs { return false }
        directories += 1
        guard directories <= limits.directories, path.count <= limits.depth else { throw TreeMergeError.tooLarge }
        try Task.checkCancellation()
        let sides = try (TreeSlots(base, reader), TreeSlots(ours, reader), TreeSlots(theirs, reader))
        entries += sides.0.slots.count + sides.1.slots.count + sides.2.slots.count
        guard entries <= limits.entries else { throw TreeMergeError.tooLarge }
        var walk = ThreeWayWalk(sides.0, sides.1, sides.2)
        var put: [[UInt8]: Bool] = [:]
        var removed: Set<[UInt8]> = []
        while let step = walk.next() {
            switch try settle(step, at: path) {
            case .nothing: continue
            case .removed: removed.insert(step.name)
            case .put: if step.ours == nil { put[step.name] = step.isTree }
            }
        }
        if !put.isEmpty { try refuseCollisions(put, removed, sides.1, at: path) }
        return !put.isEmpty
    }

    private enum Effect {
        case nothing, removed, put
    }

    private mutating func settle(_ step: ThreeWayWalk.Step, at path: [[UInt8]]) throws -> Effect {
        if step.base == step.theirs || step.ours == step.theirs { return .nothing }
        let place = path + [step.name]
        if step.base == step.ours {
            try note(Change(path: place, entry: step.theirs, removesDirectory: step.isTree && step.theirs == nil))
            return step.theirs == nil ? .removed : .put
        }
        guard step.isTree else {
            try noteConflict(place)
            return .nothing
        }
        return try merge(step.base?.oid, step.ours?.oid, step.theirs?.oid, at: place) ? .put : .nothing
    }

    /// A name is a file or a directory: what is put beside an entry of ours with the same name and of the other kind is a
    /// conflict, unless that entry goes.
    private mutating func refuseCollisions(
        _ put: [[UInt8]: Bool],
        _ removed: Set<[UInt8]>,
        _ ours: TreeSlots,
        at path: [[UInt8]]
    ) throws {
        for slot in ours.slots {
            let name = ours.name(of: slot)
            guard let isTree = put[name], isTree != slot.entry.isTree, !removed.contains(name) else { continue }
            try noteConflict(path + [name])
        }
    }

    private mutating func note(_ change: Change) throws {
        guard changes.count < limits.changes else { throw TreeMergeError.tooLarge }
        changes.append(change)
    }

    private mutating func noteConflict(_ path: [[UInt8]]) throws {
        guard conflicts.count < limits.changes else { throw TreeMergeError.tooLarge }
        conflicts.append(path)
    }
}

extension TreeMerge {
    /// Makes our tree the merged one; only good without conflicts.
    ///
    /// - Parameter editor: of our tree, not edited yet.
    package func apply(to editor: TreeEditor) throws {
        for change in changes {
            let path = TreePath(names: change.path)
            if let entry = change.entry {
                try editor.replace(path, mode: entry.mode, entry.oid)
            } else if change.removesDirectory {
                // A file of theirs may have taken its place already; then there is no such folder.
                _ = try editor.removeFolder(at: path)
            } else {
                _ = try editor.removeFile(at: path)
            }
        }
    }
}

/// Why two trees are not merged.
package enum TreeMergeError: Error, Sendable, Equatable {
    /// They differ in more than a merge may cost.
    case tooLarge
}

/// A tree read once: its bytes, and where in them each entry is.
private struct TreeSlots {
    struct Slot {
        let nameStart: Int
        let nameEnd: Int
        let entry: TreeMerge.Entry
    }

    let bytes: [UInt8]
    private(set) var slots: [Slot] = []

    /// - Parameter oid: nil for a tree without entries.
    init(_ oid: ObjectID?, _ reader: ObjectReader) throws {
        bytes = try oid.map { try reader.object($0, as: .tree).bytes } ?? []
        var slots: [Slot] = []
        try bytes.withUnsafeBytes { bytes in
            var iterator = TreeIterator(bytes)
            while let entry = try iterator.next() {
                guard let base = bytes.baseAddress, let name = entry.name.baseAddress else { continue }
                let start = name - base
                let found = TreeMerge.Entry(mode: entry.mode, oid: entry.oid)
                slots.append(Slot(nameStart: start, nameEnd: start + entry.name.count, entry: found))
            }
        }
        self.slots = slots
    }

    func name(of slot: Slot) -> [UInt8] { Array(bytes[slot.nameStart..<slot.nameEnd]) }

    /// The order of a tree: as if the names of directories ended in a slash.
    func key(at index: Int) -> [UInt8]? {
        guard index < slots.count else { return nil }
        let slot = slots[index]
        return slot.entry.isTree ? name(of: slot) + [UInt8(ascii: "/")] : name(of: slot)
    }
}

/// Goes through three trees side by side, in their order.
private struct ThreeWayWalk {
    /// What the three have under one name, all of one kind.
    struct Step {
        let name: [UInt8]
        let isTree: Bool
        let base: TreeMerge.Entry?
        let ours: TreeMerge.Entry?
        let theirs: TreeMerge.Entry?
    }

    private var base: Cursor
    private var ours: Cursor
    private var theirs: Cursor

    private struct Cursor {
        let tree: TreeSlots
        var index = 0
        var key: [UInt8]?

        init(_ tree: TreeSlots) {
            self.tree = tree
            key = tree.key(at: 0)
        }

        mutating func take(_ wanted: [UInt8]) -> TreeMerge.Entry? {
            guard key == wanted else { return nil }
            let entry = tree.slots[index].entry
            index += 1
            key = tree.key(at: index)
            return entry
        }
    }

    init(_ base: TreeSlots, _ ours: TreeSlots, _ theirs: TreeSlots) {
        self.base = Cursor(base)
        self.ours = Cursor(ours)
        self.theirs = Cursor(theirs)
    }

    mutating func next() -> Step? {
        let keys = [base.key, ours.key, theirs.key].compactMap(\.self)
        guard let key = keys.min(by: { $0.lexicographicallyPrecedes($1) }) else { return nil }
        // No name holds a slash.
        let isTree = key.last == UInt8(ascii: "/")
        return Step(
            name: isTree ? Array(key.dropLast()) : key,
            isTree: isTree,
            base: base.take(key),
            ours: ours.take(key),
            theirs: theirs.take(key)
        )
    }
}
