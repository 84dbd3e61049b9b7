import Glibc
import NIOCore
package import NIOPosix
import Synchronization

/// Objects as files below a root: `objects/aa/bb/<64 digits>`.
///
/// A file is written in `tmp`, synchronised, and then linked to its place, so that what has a name in `objects` is whole
/// at any moment, a power cut included. All work on files is done by the pool's threads.
package struct FileObjectStore: ObjectStore {
    package let layout: StoreLayout
    let pool: BlockingPool
    let now: @Sendable () -> Int64
    let durable = DurableDirectories()
    let quarantineLock = QuarantineLock()
    /// Threads that the store has made for itself.
    private let ownPool: NIOThreadPool?

    /// Bytes that wait in memory for one job of the pool, and that one read fetches.
    static let chunk = 256 << 10
    /// Buffers that wait in memory for one job; small ones hold more memory than bytes.
    static let buffersPerJob = 128

    /// A store in a directory, which is made when it is missing (its parent must be there).
    ///
    /// Blocks: for the start of the program and for tests.
    /// - Parameters:
    ///   - pool: runs what may wait for the disk; the process's own shared one if none is given.
    ///   - now: seconds since 1970, for the age of what is swept and purged.
    /// - Throws: `ObjectStoreError` when a directory cannot be made, or lies in another file system than the others.
    package init(
        root: String,
        pool: NIOThreadPool = .singleton,
        now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) throws {
        try self.init(root: root, pool: pool, ownPool: nil, now: now)
    }

    /// The same with so many threads of its own, which end at `shutdown()`: what waits for the disk keeps nobody else.
    package init(root: String, threads: Int) throws {
        let pool = NIOThreadPool(numberOfThreads: threads)
        try self.init(root: root, pool: pool, ownPool: pool) { Int64(time(nil)) }
        pool.start()
    }

    private init(
        root: String,
        pool: NIOThreadPool,
        ownPool: NIOThreadPool?,
        now: @escaping @Sendable () -> Int64
    ) throws {
        layout = StoreLayout(root: root)
        self.pool = BlockingPool(pool: pool)
        self.ownPool = ownPool
        self.now = now
        do throws(FileFailure) {
            try Self.makeDirectories(layout)
        } catch {
            throw error.translated
        }
    }

    /// Ends the store's own threads.
    package func shutdown() async {
        // It fails only when they have ended before.
        try? await ownPool?.shutdownGracefully()
    }

    private static func makeDirectories(_ layout: StoreLayout) throws(FileFailure) {
        try StoreDirectories.create(layout.root)
        let device = try StoreDirectories.status(layout.root)?.device
        for path in [layout.objects, layout.temporaries, layout.multipart, layout.quarantine] {
            try StoreDirectories.create(path)
            guard try StoreDirectories.status(path)?.device == device else {
                throw FileFailure("rename to", path, code: EXDEV)
            }
        }
        try StoreDirectories.synchronize(layout.root)
    }

    /// Size of a published object; nil when it is not there.
    package func size(of key: ObjectKey) async throws -> Int64? {
        let path = layout.object(key)
        return try await pool.run { try StoreDirectories.status(path)?.size }
    }

    /// Takes an object into a temporary file and publishes it.
    package func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        try await withTemporary(size: size) { file in
            try await receive(bytes, size: size, into: file)
            try await pool.run {
                guard try file.digest() == key.bytes else { throw ObjectStoreError.wrongHash }
                try file.synchronize()
                try publish(file, as: key)
            }
        }
    }

    /// Takes an object into a temporary file, and publishes it under what it turned out to be.
    package func putUnnamed(upTo limit: Int64, bytes: ByteSourceLike) async throws -> (key: ObjectKey, size: Int64) {
        try await withTemporary(size: 0) { file in
            _ = try await receive(bytes, upTo: limit, into: file)
            return try await pool.run {
                guard let key = ObjectKey(bytes: try file.digest()) else { throw ObjectStoreError.wrongHash }
                try file.synchronize()
                try publish(file, as: key)
                return (key, file.size)
            }
        }
    }

    /// Lends a new temporary file and removes its name in the end, whatever happens.
    /// - Throws: `.outOfSpace` at once when `size` bytes have no room; the sender need not find out at the last byte.
    func withTemporary<Value: Sendable>(
        size: Int64,
        _ body: (IncomingFile) async throws -> Value
    ) async throws -> Value {
        let file = try await pool.run {
            if let free = StoreDirectories.freeBytes(layout.temporaries), free < size {
                throw ObjectStoreError.outOfSpace
            }
            return try IncomingFile(try layout.newTemporary())
        }
        do {
            let value = try await body(file)
            try await pool.run { file.discard() }
            return value
        } catch {
            try? await pool.run { file.discard() }
            throw error
        }
    }

    /// Fills a file from a source.
    /// - Throws: `.wrongSize` at the first byte too many, or when bytes are missing at the end.
    func receive(_ bytes: ByteSourceLike, size: Int64, into file: IncomingFile) async throws {
        let received = try await receive(bytes, upTo: size, into: file)
        guard received == size else { throw ObjectStoreError.wrongSize(expected: size, received: received) }
    }

    /// Fills a file from a source, a few buffers at a time, and gives the number of bytes.
    /// - Throws: `.wrongSize` at the first byte too many.
    func receive(_ bytes: ByteSourceLike, upTo size: Int64, into file: IncomingFile) async throws -> Int64 {
        var waiting: [ByteBuffer] = []
        var waitingBytes = 0
        var received: Int64 = 0
        for try await buffer in bytes where buffer.readableBytes > 0 {
            received += Int64(buffer.readableBytes)
            guard received <= size else { throw ObjectStoreError.wrongSize(expected: size, received: received) }
            waiting.append(buffer)
            waitingBytes += buffer.readableBytes
            guard waitingBytes >= Self.chunk || waiting.count >= Self.buffersPerJob else { continue }
            let full = waiting
            (waiting, waitingBytes) = ([], 0)
            try await pool.run { try file.append(full) }
        }
        // A source may simply end when its reader is cancelled.
        try Task.checkCancellation()
        let rest = waiting
        try await pool.run { try file.append(rest) }
        return received
    }
}
