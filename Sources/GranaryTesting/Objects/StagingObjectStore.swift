import NIOCore
package import ObjectStore
import OpenSSLKit
import Synchronization

/// A store in front of another that lets clients send to it directly, without a network.
package final class StagingObjectStore: LayeredObjectStore {
    package let base: any ObjectStore
    private let staged = Mutex([StagingID: [UInt8]]())
    private let taken = Mutex(Set<StagingID>())

    /// Publishes to `base`.
    package init(_ base: any ObjectStore) { self.base = base }

    /// Sends bytes as a client does, whose link this is; any bytes, as to a store that compares no checksums.
    package func send(_ bytes: [UInt8], to url: String) throws {
        let staging = try present(url.split(separator: "/").last.flatMap { StagingID(String($0)) })
        staged.withLock { $0[staging] = bytes }
    }

    package func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn seconds: Int
    ) async throws -> DirectRequest? {
        DirectRequest(
            url: "https://store.example/tmp/direct/\(staging)",
            headers: [("x-amz-checksum-sha256", Base64.encode(key.bytes))],
            expiresIn: seconds
        )
    }

    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool {
        guard let bytes = staged.withLock({ $0[staging] }) else {
            guard taken.withLock({ $0.contains(staging) }) else { return false }
            return try await base.size(of: key) == size
        }
        guard Int64(bytes.count) == size, try SHA256.digest(bytes) == key.bytes else { return false }
        try await base.put(key, size: size, bytes: OneBuffer(bytes: bytes))
        taken.withLock { _ = $0.insert(staging) }
        staged.withLock { $0[staging] = nil }
        return true
    }

    package func directDownload(_ key: ObjectKey, expiresIn: Int, fileName: String?) async throws -> DirectRequest? {
        DirectRequest(url: "https://store.example/lfs/\(key)", headers: [], expiresIn: expiresIn)
    }

    package func localFile(_ key: ObjectKey) async throws -> LocalObject? { nil }

    package func directPart(_ upload: String, key: ObjectKey, part: Int, expiresIn: Int) async throws -> DirectRequest?
    { nil }
}

/// All bytes at once.
private struct OneBuffer: AsyncSequence, Sendable {
    let bytes: [UInt8]

    func makeAsyncIterator() -> Iterator { Iterator(buffer: ByteBuffer(bytes: bytes)) }

    struct Iterator: AsyncIteratorProtocol {
        var buffer: ByteBuffer?

        mutating func next() async throws -> ByteBuffer? {
            defer { buffer = nil }
            return buffer
        }
    }
}
