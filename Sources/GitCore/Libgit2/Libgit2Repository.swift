import CLibgit2

/// Diffs, merge bases and commits by libgit2, over objects that an `ObjectReader` gives it.
///
/// There is no directory behind it: libgit2 opens and maps no file of a repository, so it holds nothing of packs that were
/// joined with others, and reads no configuration, attributes or index. Cheap to make, one for each operation. Not
/// `Sendable`: one thread at a time, like its reader.
package final class Libgit2Repository {
    let pointer: OpaquePointer
    let reader: ObjectReader

    /// A repository of the objects of `reader`.
    package init(_ reader: ObjectReader) throws(Libgit2Error) {
        try Libgit2.start()
        self.reader = reader
        pointer = try Self.wrap(reader)
        try isolate()
    }

    deinit {
        git_repository_free(pointer)
    }

    private static func wrap(_ reader: ObjectReader) throws(Libgit2Error) -> OpaquePointer {
        let database = try ReaderBackend.database(over: reader)
        // The repository has a reference of its own.
        defer { git_odb_free(database) }
        var wrapped: OpaquePointer?
        try Libgit2.check(git_repository_wrap_odb(&wrapped, database), while: "wrapping an object database")
        guard let wrapped else { throw Libgit2Error(code: -1, action: "wrapping", detail: "no repository") }
        return wrapped
    }

    /// Gives it an empty configuration and an empty index, so that libgit2 looks for none.
    private func isolate() throws(Libgit2Error) {
        var configuration: OpaquePointer?
        try Libgit2.check(git_config_new(&configuration), while: "making a configuration")
        defer { git_config_free(configuration) }
        try Libgit2.check(git_repository_set_config(pointer, configuration), while: "setting the configuration")
        var index: OpaquePointer?
        try Libgit2.check(git_index_new(&index), while: "making an index")
        defer { git_index_free(index) }
        try Libgit2.check(git_repository_set_index(pointer, index), while: "setting the index")
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
