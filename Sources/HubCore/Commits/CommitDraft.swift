package import GitCore
import LFS
package import ObjectStore

/// A commit on its way in: its message, and what it does to which paths, in order.
///
/// The bytes of files go to disk as they come. Belongs to one task.
package final class CommitDraft {
    enum Change {
        case put(ObjectID)
        case putLarge(LFSObject)
        case copy(from: TreePath, revision: String?)
        case deleteFile
        case deleteFolder
    }

    private(set) var title: String?
    private(set) var body = ""
    private(set) var parent: String?
    private(set) var changes: [(path: TreePath, change: Change)] = []
    /// Large files that are named without a size.
    private(set) var unsized: [(index: Int, oid: ObjectKey)] = []
    let blobs: PackDraft
    let directory: String
    let limits: GitLimits
    private var pathBytes = 0
    private var contentBytes: Int64 = 0

    /// Changes of one commit.
    package static let largestCount = 50_000
    private static let largestPaths = 16 << 20

    init(directory: String, limits: GitLimits, isKnown: @escaping (ObjectID) -> Bool) {
        self.directory = directory
        self.limits = limits
        blobs = PackDraft(spoolingIn: directory, isKnown: isKnown)
    }

    /// Whether the header was there.
    package var hasHeader: Bool { title != nil }

    /// Says what the commit is.
    ///
    /// - Parameter parent: the beginning of the id that the head must have; nil for any head.
    /// - Throws: `HubError.invalid` for a second header, an id that is none, or no title.
    package func describe(title: String, body: String, parent: String?) throws {
        guard self.title == nil else { throw HubError.invalid("A commit has one header.") }
        if let parent {
            let isHex = parent.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
            guard (5...40).contains(parent.utf8.count), isHex else {
                throw HubError.invalid("The parent commit is given by 5 to 40 hexadecimal digits.")
            }
        }
        self.title = title
        self.body = body
        self.parent = parent?.lowercased()
    }

    /// A place for the bytes of a file whose path and encoding come later.
    package func spool() -> Spool { Spool(in: directory) }

    /// Puts a file there.
    ///
    /// - Parameter read: gives the content in pieces, `size` bytes in all, each time it is called.
    /// - Throws: `HubError.tooLarge` for a file that does not belong into git.
    package func put(
        _ path: String,
        size: Int64,
        _ read: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        guard size <= limits.objectBytes else {
            throw HubError(
                .tooLarge,
                "The file '\(path)' has \(size) bytes; more than \(limits.objectBytes) do not go into git. "
                    + "Add '*.\(path.split(separator: ".").last ?? "bin") filter=lfs diff=lfs merge=lfs -text' to "
                    + ".gitattributes, so that it is uploaded as a large file."
            )
        }
        contentBytes += size
        guard contentBytes <= limits.packBytes else {
            throw HubError(.tooLarge, "The files of one commit have at most \(limits.packBytes) bytes.")
        }
        let path = try checked(path)
        try add(path, .put(try blobs.addBlob(size: size, read)))
    }

    /// Puts a large file there, whose bytes are stored already.
    ///
    /// - Parameter size: nil for what the hub knows it to be.
    package func put(_ path: String, large oid: ObjectKey, size: Int64?) throws {
        let path = try checked(path)
        guard let object = LFSObject(oid: oid, size: size ?? 0) else {
            throw HubError.invalid("The size of a large file is not negative.")
        }
        if size == nil { unsized.append((changes.count, oid)) }
        try add(path, .putLarge(object))
    }

    /// Puts there what is somewhere else, at a revision; nil for this commit as it is so far.
    package func copy(_ source: String, revision: String?, to path: String) throws {
        try add(try checked(path), .copy(from: try checked(source), revision: revision))
    }

    /// Deletes a file.
    package func deleteFile(_ path: String) throws { try add(try checked(path), .deleteFile) }

    /// Deletes a folder with all that is in it.
    package func deleteFolder(_ path: String) throws {
        try add(try checked(path.hasSuffix("/") ? String(path.dropLast()) : path), .deleteFolder)
    }

    private func checked(_ path: String) throws -> TreePath {
        pathBytes += path.utf8.count
        guard pathBytes <= Self.largestPaths else { throw HubError(.tooLarge, "The commit names too many paths.") }
        do throws(TreePathError) {
            return try TreePath(path, limits: limits)
        } catch {
            throw HubError.invalid("'\(path.prefix(200))' cannot be committed: \(error.message).")
        }
    }

    private func add(_ path: TreePath, _ change: Change) throws {
        guard changes.count < Self.largestCount else {
            throw HubError(.tooLarge, "A commit makes at most \(Self.largestCount) changes. Make several.")
        }
        changes.append((path, change))
    }

    /// The large files, each once, those without a size by their ids alone.
    var largeFiles: [ObjectKey] {
        var seen: Set<ObjectKey> = []
        return changes.compactMap { change in
            guard case .putLarge(let object) = change.change, seen.insert(object.oid).inserted else { return nil }
            return object.oid
        }
    }

    /// Makes the pointers of large files, now that their sizes are known.
    func point(_ sizes: [ObjectKey: Int64]) throws {
        let unknown = Set(unsized.map(\.index))
        for (index, change) in changes.enumerated() {
            guard case .putLarge(let claimed) = change.change else { continue }
            guard let size = sizes[claimed.oid], let object = LFSObject(oid: claimed.oid, size: size) else {
                throw HubError.invalid("The content of '\(change.path)' was not uploaded to this repository.")
            }
            guard unknown.contains(index) || claimed.size == size else {
                throw HubError.invalid("The content of '\(change.path)' has \(size) bytes, not \(claimed.size).")
            }
            let oid = try blobs.add(.blob, Array(LFSPointer(object).text.utf8))
            changes[index].change = .put(oid)
        }
    }
}
