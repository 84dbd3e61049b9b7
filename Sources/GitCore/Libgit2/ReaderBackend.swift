import CLibgit2

/// A backend of libgit2's object database that asks an `ObjectReader`.
///
/// libgit2 keeps backends by their address, so each lives in memory of its own until libgit2 frees it. It only ever sees the
/// first field.
struct ReaderBackend {
    private var callbacks = git_odb_backend()
    private let reader: Unmanaged<ObjectReader>

    /// Objects with more bytes are not read: what is larger is told as binary, and by its size alone.
    private static let objectBytes = GitLimits.standard.structuredObjectBytes

    /// An object database with nothing but the objects of `reader`; to be freed by the caller.
    static func database(over reader: ObjectReader) throws(Libgit2Error) -> OpaquePointer {
        var database: OpaquePointer?
        try Libgit2.check(git_odb_new(&database), while: "making an object database")
        guard let database else {
            throw Libgit2Error(code: -1, action: "making an object database", detail: "no database")
        }
        do throws(Libgit2Error) {
            try add(reader, to: database)
        } catch {
            git_odb_free(database)
            throw error
        }
        return database
    }

    private static func add(_ reader: ObjectReader, to database: OpaquePointer) throws(Libgit2Error) {
        let place = UnsafeMutablePointer<ReaderBackend>.allocate(capacity: 1)
        place.initialize(to: ReaderBackend(reader: .passRetained(reader)))
        let backend = UnsafeMutableRawPointer(place).assumingMemoryBound(to: git_odb_backend.self)
        do throws(Libgit2Error) {
            try Libgit2.check(git_odb_init_backend(backend, UInt32(GIT_ODB_BACKEND_VERSION)), while: "making a backend")
            backend.pointee.read = { ReaderBackend.readObject($0, $1, $2, $3, $4) }
            backend.pointee.read_header = { ReaderBackend.readHeader($0, $1, $2, $3) }
            backend.pointee.exists = { ReaderBackend.exists($0, $1) }
            backend.pointee.free = { ReaderBackend.free($0) }
            try Libgit2.check(git_odb_add_backend(database, backend, 1), while: "adding a backend")
        } catch {
            free(backend)
            throw error
        }
    }

    private static func free(_ backend: UnsafeMutablePointer<git_odb_backend>?) {
        guard let place = place(of: backend) else { return }
        place.pointee.reader.release()
        place.deinitialize(count: 1)
        place.deallocate()
    }

    private static func place(
        of backend: UnsafeMutablePointer<git_odb_backend>?
    ) -> UnsafeMutablePointer<ReaderBackend>? {
        UnsafeMutableRawPointer(backend)?.assumingMemoryBound(to: ReaderBackend.self)
    }

    /// Looks an object up for libgit2, in whose terms the outcome is.
    private static func find<Found>(
        _ backend: UnsafeMutablePointer<git_odb_backend>?,
        _ oid: UnsafePointer<git_oid>?,
        _ body: (ObjectReader, ObjectID) throws -> Found?
    ) -> Result<Found, Outcome> {
        guard let place = place(of: backend), let oid = oid?.pointee else { return .failure(.error) }
        do {
            let found = try body(place.pointee.reader.takeUnretainedValue(), ObjectID(oid))
            return found.map { .success($0) } ?? .failure(.notFound)
        } catch {
            git_error_set_str(Int32(GIT_ERROR_ODB.rawValue), "\(error)")
            return .failure(.error)
        }
    }

    private enum Outcome: Error {
        case notFound, error

        var code: Int32 { self == .notFound ? GIT_ENOTFOUND.rawValue : GIT_ERROR.rawValue }
    }

    private static func readObject(
        _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
        _ count: UnsafeMutablePointer<Int>?,
        _ type: UnsafeMutablePointer<git_object_t>?,
        _ backend: UnsafeMutablePointer<git_odb_backend>?,
        _ oid: UnsafePointer<git_oid>?
    ) -> Int32 {
        switch find(backend, oid, { try $0.object($1, limit: objectBytes) }) {
        case .failure(let outcome): return outcome.code
        case .success(let object):
            // libgit2 puts no zero behind it itself, and frees it.
            guard let copy = git_odb_backend_data_alloc(backend, object.bytes.count) else { return GIT_ERROR.rawValue }
            object.bytes.withUnsafeBytes {
                copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count)
            }
            data?.pointee = copy
            count?.pointee = object.bytes.count
            type?.pointee = object.type.libgit2Type
            return 0
        }
    }

    private static func readHeader(
        _ count: UnsafeMutablePointer<Int>?,
        _ type: UnsafeMutablePointer<git_object_t>?,
        _ backend: UnsafeMutablePointer<git_odb_backend>?,
        _ oid: UnsafePointer<git_oid>?
    ) -> Int32 {
        switch find(backend, oid, { try $0.header(of: $1) }) {
        case .failure(let outcome): return outcome.code
        case .success(let header):
            count?.pointee = Int(clamping: header.size)
            type?.pointee = header.type.libgit2Type
            return 0
        }
    }

    private static func exists(_ backend: UnsafeMutablePointer<git_odb_backend>?, _ oid: UnsafePointer<git_oid>?)
        -> Int32
    {
        if case .success(true) = find(backend, oid, { $0.packs.contains($1) }) { 1 } else { 0 }
    }
}
