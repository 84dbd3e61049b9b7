/// Edits a tree by paths: reads and writes only the directories that are touched.
///
/// Edits apply in order. Belongs to one thread at a time.
package struct TreeEditor {
    private let root: EditedDirectory
    private let reader: ObjectReader
    private let budget: TreeEditBudget

    /// - Parameters:
    ///   - tree: what is edited; nil for an empty one.
    ///   - other: an editor that belongs to the same change, and with which this one shares what they may hold.
    /// - Throws: `tooLarge`; errors of damaged packs.
    package init(_ tree: ObjectID?, _ reader: ObjectReader, sharing other: TreeEditor? = nil) throws {
        let budget = other?.budget ?? TreeEditBudget()
        root = try tree.map { try EditedDirectory($0, reader, budget) } ?? EditedDirectory(budget)
        self.reader = reader
        self.budget = budget
    }

    /// Mode and object of a file, link or submodule, or of a directory that was not edited; nil when there is none.
    package func entry(at path: TreePath) throws -> (mode: UInt32, oid: ObjectID)? {
        guard let (directory, name) = try parent(of: path) else { return nil }
        return switch directory[name] {
        case .leaf(let mode, let oid): (mode, oid)
        case .tree(let oid): (FileMode.tree, oid)
        case .directory, nil: nil
        }
    }

    /// Puts a file there, in place of a file there may be.
    ///
    /// - Parameter mode: nil to keep a file executable that is, and make any other a plain file.
    /// - Throws: `isFolder` where a folder is, `isFile` where a part of the way is a file, `tooLarge`.
    package func put(_ oid: ObjectID, at path: TreePath, mode: UInt32? = nil) throws {
        let (directory, name) = try makeParent(of: path)
        var kept: UInt32 = 0o100644
        switch directory[name] {
        case .tree, .directory: throw TreeEditError.isFolder(path)
        case .leaf(let mode, _) where mode == 0o100755: kept = mode
        case .leaf, nil: break
        }
        directory[name] = .leaf(mode: mode ?? kept, oid: oid)
    }

    /// Puts anything there, whatever was there.
    package func replace(_ path: TreePath, mode: UInt32, _ oid: ObjectID) throws {
        let (directory, name) = try makeParent(of: path)
        directory[name] = mode & FileMode.typeMask == FileMode.tree ? .tree(oid) : .leaf(mode: mode, oid: oid)
    }

    /// Removes a file, link or submodule.
    ///
    /// - Returns: false when there is none.
    package func removeFile(at path: TreePath) throws -> Bool {
        guard let (directory, name) = try parent(of: path), case .leaf = directory[name] else { return false }
        directory[name] = nil
        return true
    }

    /// Removes a folder with all that is in it.
    ///
    /// - Returns: false when there is none.
    package func removeFolder(at path: TreePath) throws -> Bool {
        guard let (directory, name) = try parent(of: path), try open(name, in: directory) != nil else { return false }
        directory[name] = nil
        return true
    }

    /// Adds the new trees to a pack.
    ///
    /// - Returns: the root tree, which may be empty.
    package func write(into pack: PackDraft) throws -> ObjectID {
        try root.write(into: pack) ?? pack.add(.tree, [], unless: nil)
    }

    // MARK: - On the way

    private func parent(of path: TreePath) throws -> (EditedDirectory, name: [UInt8])? {
        guard let name = path.names.last else { return nil }
        var directory = root
        for name in path.names.dropLast() {
            guard let next = try open(name, in: directory) else { return nil }
            directory = next
        }
        return (directory, name)
    }

    private func makeParent(of path: TreePath) throws -> (EditedDirectory, name: [UInt8]) {
        var directory = root
        for (depth, name) in path.names.dropLast().enumerated() {
            if let next = try open(name, in: directory) {
                directory = next
                continue
            }
            guard directory[name] == nil else {
                throw TreeEditError.isFile(TreePath(names: Array(path.names[...depth])))
            }
            let new = try EditedDirectory(budget)
            directory[name] = .directory(new)
            directory = new
        }
        return (directory, path.names.last ?? [])
    }

    /// The directory of a name, read when it is entered for the first time; nil for a file and for nothing.
    private func open(_ name: [UInt8], in directory: EditedDirectory) throws -> EditedDirectory? {
        switch directory[name] {
        case .directory(let directory): return directory
        case .tree(let oid):
            let next = try EditedDirectory(oid, reader, budget)
            directory[name] = .directory(next)
            return next
        case .leaf, nil: return nil
        }
    }
}

/// The memory that the directories of one change may take, all together.
///
/// A commit names thousands of paths, each of which may lead through thousands of directories, or into large ones.
final class TreeEditBudget {
    private var left = 256 << 20
    /// What a directory takes besides its entries.
    private static let directoryBytes = 1_000

    /// Takes room for a directory.
    ///
    /// - Parameter bytes: of the tree that it was.
    /// - Throws: `tooLarge` when there is no room left.
    func take(_ bytes: Int) throws(TreeEditError) {
        // The places of the entries take as much as the entries.
        left -= Self.directoryBytes + 2 * bytes
        guard left >= 0 else { throw .tooLarge }
    }
}

/// Why a file cannot be put somewhere.
package enum TreeEditError: Error, Equatable, Sendable {
    /// A folder is there.
    case isFolder(TreePath)
    /// This part of the path is a file.
    case isFile(TreePath)
    /// More directories are changed, or larger ones, than one change may hold.
    case tooLarge

    /// What is in the way, for a person.
    package var message: String {
        switch self {
        case .isFolder(let path): "'\(path)' is a folder; delete it first to put a file there"
        case .isFile(let path): "'\(path)' is a file; delete it first to make a folder of it"
        case .tooLarge: "too many folders, or too large ones, are changed at once; make several commits"
        }
    }
}
