import GitCore
import Glibc
import Logging
import NIOCore
import ObjectStore
import OpenSSLKit

/// Where backups are kept: contents by SHA-256, as large files are, and points in time, which name a manifest.
///
/// Contents are shared by all points, so that a further point costs what has changed.
struct BackupPlace: Sendable {
    /// Contents; what is read is hashed again.
    let contents: any ObjectStore
    /// The points in time.
    let points: any BackupPoints

    /// Reads a content that is small enough to be held.
    /// - Throws: `CommandFailure` when it is missing, damaged or larger than `limit` bytes.
    func read(_ key: ObjectKey, limit: Int = 64 << 20) async throws -> [UInt8] {
        guard let reading = try await contents.read(key, range: nil) else {
            throw CommandFailure(.failure, "the backup lacks \(key)")
        }
        guard reading.size <= Int64(limit) else {
            throw CommandFailure(.failure, "\(key) in the backup has \(reading.size) bytes, more than expected")
        }
        var bytes: [UInt8] = []
        for try await piece in reading.bytes { bytes += piece.readableBytesView }
        return bytes
    }

    /// Keeps a content unless it is there.
    /// - Returns: its key, and whether it had to be sent.
    func keep(_ bytes: [UInt8]) async throws -> (key: ObjectKey, isNew: Bool) {
        guard let key = ObjectKey(bytes: try SHA256.digest(bytes)) else { throw ObjectStoreError.wrongHash }
        let size = Int64(bytes.count)
        if try await contents.size(of: key) == size { return (key, false) }
        try await contents.put(key, size: size, bytes: MemoryBytes(bytes))
        return (key, true)
    }
}

/// The names of points in time, and the short text that each of them has.
protocol BackupPoints: Sendable {
    /// The names, in order.
    func names() async throws -> [String]
    /// The text of a point; nil when there is none of that name.
    func read(_ name: String) async throws -> [UInt8]?
    /// Adds a point; when it returns, the point outlives a power cut.
    func write(_ name: String, _ text: [UInt8]) async throws
    /// Removes a point; one that is not there is fine.
    func remove(_ name: String) async throws
}

/// Points as files in a directory.
struct BackupPointDirectory: BackupPoints {
    /// The directory, which exists.
    let path: String

    func names() async throws -> [String] {
        try Directories.names(in: path).filter { BackupPointName.isValid($0) }.sorted()
    }

    func read(_ name: String) async throws -> [UInt8]? {
        try Directories.readFile(path + "/" + name, limit: BackupPointName.largestText)
    }

    func write(_ name: String, _ text: [UInt8]) async throws {
        try Directories.replaceFile(path + "/" + name, with: text, durable: true)
        try Directories.synchronize(path)
    }

    func remove(_ name: String) async throws {
        try Directories.removeTree(path + "/" + name)
        try Directories.synchronize(path)
    }
}

/// Points as small objects of a bucket.
struct BackupPointBucket: BackupPoints {
    /// The bucket.
    let store: S3ObjectStore

    private static let folder = "points/"

    func names() async throws -> [String] {
        try await store.smallNames(below: Self.folder).filter { BackupPointName.isValid($0) }.sorted()
    }

    func read(_ name: String) async throws -> [UInt8]? { try await store.readSmall(Self.folder + name) }

    func write(_ name: String, _ text: [UInt8]) async throws { try await store.writeSmall(Self.folder + name, text) }

    func remove(_ name: String) async throws { try await store.removeSmall(Self.folder + name) }
}

/// How points are called: the moment at which they began, in the letters that file systems and buckets take.
enum BackupPointName {
    /// The longest text that a point has.
    static let largestText = 1_024

    /// Whether it can be one: `20261127T142000.123Z`.
    static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return bytes.count == 20
            && bytes.enumerated().allSatisfy { index, byte in
                switch index {
                case 8: byte == UInt8(ascii: "T")
                case 15: byte == UInt8(ascii: ".")
                case 19: byte == UInt8(ascii: "Z")
                default: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                }
            }
    }

    /// The name of a moment.
    /// - Parameter iso: as `Timestamp` describes itself.
    static func name(of iso: String) -> String { iso.filter { $0 != "-" && $0 != ":" } }
}
