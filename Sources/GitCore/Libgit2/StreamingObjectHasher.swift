import CLibgit2

/// The id of an object that comes in pieces, by the same collision-detecting SHA-1 as `ObjectHasher`.
///
/// libgit2 hashes only what is written to an object database, so this has a database of its own whose one backend
/// forgets everything. Holds no content. Not `Sendable`: one thread at a time.
package final class StreamingObjectHasher {
    private let database: OpaquePointer
    private let stream: UnsafeMutablePointer<git_odb_stream>
    private let type: ObjectType

    /// Starts an object.
    ///
    /// - Parameter size: bytes of the content, 0 or more; exactly as many must follow.
    package init(type: ObjectType, size: Int64) throws(Libgit2Error) {
        guard let size = UInt64(exactly: size) else {
            throw Libgit2Error(code: -1, action: "hashing an object", detail: "negative size")
        }
        try Libgit2.start()
        let database = try Self.makeDatabase()
        do throws(Libgit2Error) {
            stream = try Self.openStream(database, size: size, type: type)
        } catch {
            git_odb_free(database)
            throw error
        }
        self.database = database
        self.type = type
    }

    deinit {
        git_odb_stream_free(stream)
        git_odb_free(database)
    }

    /// Takes the next bytes.
    ///
    /// - Throws: `Libgit2Error` when there are more than were announced.
    package func update(_ bytes: UnsafeRawBufferPointer) throws(Libgit2Error) {
        guard let address = bytes.baseAddress, !bytes.isEmpty else { return }
        try Libgit2.check(
            git_odb_stream_write(stream, address.assumingMemoryBound(to: CChar.self), bytes.count),
            while: "hashing a \(type.name)"
        )
    }

    /// The id, once all bytes are there; call it once.
    ///
    /// - Throws: `Libgit2Error` when bytes are missing or the content is part of a collision attack.
    package func finish() throws(Libgit2Error) -> ObjectID {
        var oid = git_oid()
        try Libgit2.check(git_odb_stream_finalize_write(&oid, stream), while: "hashing a \(type.name)")
        return ObjectID(oid)
    }
}

extension StreamingObjectHasher {
    private static func openStream(
        _ database: OpaquePointer,
        size: UInt64,
        type: ObjectType
    ) throws(Libgit2Error) -> UnsafeMutablePointer<git_odb_stream> {
        var stream: UnsafeMutablePointer<git_odb_stream>?
        try Libgit2.check(
            git_odb_open_wstream(&stream, database, size, type.libgit2Type),
            while: "opening a hash stream"
        )
        guard let stream else {
            throw Libgit2Error(code: -1, action: "opening a hash stream", detail: "no stream")
        }
        return stream
    }

    /// An object database whose one backend forgets what is written.
    private static func makeDatabase() throws(Libgit2Error) -> OpaquePointer {
        var database: OpaquePointer?
        try Libgit2.check(git_odb_new(&database), while: "making a hash database")
        guard let database else {
            throw Libgit2Error(code: -1, action: "making a hash database", detail: "no database")
        }
        do throws(Libgit2Error) {
            try addForgetfulBackend(to: database)
        } catch {
            git_odb_free(database)
            throw error
        }
        return database
    }

    /// libgit2 keeps the backend by its address and gives it back to `free`, so it lives in memory of its own.
    private static func addForgetfulBackend(to database: OpaquePointer) throws(Libgit2Error) {
        let backend = UnsafeMutablePointer<git_odb_backend>.allocate(capacity: 1)
        backend.initialize(to: git_odb_backend())
        do throws(Libgit2Error) {
            try Libgit2.check(
                git_odb_init_backend(backend, UInt32(GIT_ODB_BACKEND_VERSION)),
                while: "making a hash backend"
            )
            backend.pointee.writestream = { result, backend, _, _ in openForgetfulStream(result, backend) }
            backend.pointee.free = { $0?.deallocate() }
            try Libgit2.check(git_odb_add_backend(database, backend, 1), while: "adding a hash backend")
        } catch {
            backend.deallocate()
            throw error
        }
    }
}

/// Makes the stream that `git_odb_open_wstream` then gives its hash; the bytes go nowhere.
private func openForgetfulStream(
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<git_odb_stream>?>?,
    _ backend: UnsafeMutablePointer<git_odb_backend>?
) -> Int32 {
    guard let result else { return GIT_ERROR.rawValue }
    let stream = UnsafeMutablePointer<git_odb_stream>.allocate(capacity: 1)
    stream.initialize(to: git_odb_stream())
    stream.pointee.backend = backend
    stream.pointee.mode = GIT_STREAM_WRONLY.rawValue
    stream.pointee.write = { _, _, _ in 0 }
    stream.pointee.finalize_write = { _, _ in 0 }
    stream.pointee.free = { $0?.deallocate() }
    result.pointee = stream
    return 0
}
