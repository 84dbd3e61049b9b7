import CLibgit2

/// A repository opened by libgit2 for reading: log, trees, blobs, diffs and merge bases.
///
/// The odb finds packs that are published later by itself. Not `Sendable`: one thread at a time, which
/// `Libgit2Repositories` sees to.
package final class Libgit2Repository {
    let pointer: OpaquePointer

    /// Opens a repository directory; none above it is looked for.
    package init(path: String) throws(Libgit2Error) {
        try Libgit2.start()
        var opened: OpaquePointer?
        let flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | GIT_REPOSITORY_OPEN_BARE.rawValue
        try Libgit2.check(git_repository_open_ext(&opened, path, flags, nil), while: "opening a repository")
        guard let opened else { throw Libgit2Error(code: -1, action: "opening a repository", detail: "no repository") }
        pointer = opened
    }

    deinit {
        git_repository_free(pointer)
    }
}

/// Owner of one object that libgit2 has looked up; frees it with the scope.
struct Libgit2Object: ~Copyable {
    let pointer: OpaquePointer

    /// Looks an object up.
    ///
    /// - Throws: not found when it is missing or of another type.
    init(_ oid: ObjectID, _ type: git_object_t, in repository: Libgit2Repository) throws(Libgit2Error) {
        var found: OpaquePointer?
        var raw = oid.libgit2
        let code = git_object_lookup(&found, repository.pointer, &raw, type)
        try Libgit2.check(code, while: "looking up \(oid)")
        guard let found else { throw Libgit2Error(code: -1, action: "looking up \(oid)", detail: "no object") }
        pointer = found
    }

    deinit {
        git_object_free(pointer)
    }
}

extension ObjectID {
    /// The same id as libgit2 has it.
    var libgit2: git_oid {
        var oid = git_oid()
        bytes.withUnsafeBufferPointer { _ = git_oid_fromraw(&oid, $0.baseAddress) }
        return oid
    }
}
