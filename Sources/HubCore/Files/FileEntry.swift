package import GitCore
package import LFS

/// An entry of a directory at a revision.
package struct FileEntry: Sendable, Equatable {
    /// What the entry is.
    package enum Kind: Sendable, Equatable {
        case directory
        /// A file; a symbolic link counts as a file with its target as content.
        case file
        /// The commit of a submodule, which is not here.
        case submodule
    }

    /// The path from the root; bytes that are not UTF-8 are repaired, so that such a file is listed but not found.
    package var path: String
    /// What it is.
    package var kind: Kind
    /// The blob, tree or commit; of the pointer for a large file.
    package var oid: ObjectID
    /// Bytes of the content, for a large file of the object; 0 for everything but files.
    package var size: Int64
    /// The large file that the blob points to.
    package var lfs: LFSLink?

    /// What a pointer file says, and its own size.
    package struct LFSLink: Sendable, Equatable {
        /// The object.
        package var object: LFSObject
        /// Bytes of the pointer.
        package var pointerSize: Int64
        /// By what clients download the object in chunks; nil when it has no chunks, or the repository not the object.
        package var xetHash: String?
    }
}
