package import Logging
package import NIOCore
import NIOPosix

/// Objects in a bucket of S3 or of a store that speaks its protocol.
///
/// Published objects are at `lfs/aa/bb/<oid>`. Nothing gets there but by a request that carries the object's SHA-256,
/// by a multipart upload whose bytes were hashed on their way, or by a copy of what was read back and hashed.
/// The store's LIST and HEAD must show what was just written, as S3's do.
package struct S3ObjectStore: ObjectStore {
    package let client: S3Client
    package let layout: S3Layout
    /// Staged objects that are being published, by their receipts.
    let publications = JoinedWork<String, Bool>()

    var configuration: S3Configuration { client.configuration }

    /// A store for a bucket that exists.
    /// - Parameter credentials: asked before each request; whoever has sessions renews them some minutes ahead, as URLs
    ///   that are signed with them end with them.
    /// - Throws: when the file of certificates cannot be read.
    package init(
        _ configuration: S3Configuration,
        credentials: any S3CredentialsSource,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        environment: S3Environment = .system(),
        logger: Logger
    ) throws {
        self.init(
            configuration,
            credentials: credentials,
            transport: try AsyncHTTPTransport(configuration, eventLoopGroup: eventLoopGroup),
            environment: environment,
            logger: logger
        )
    }

    package init(
        _ configuration: S3Configuration,
        credentials: any S3CredentialsSource,
        transport: any S3Transport,
        environment: S3Environment,
        logger: Logger
    ) {
        client = S3Client(
            configuration,
            credentials: credentials,
            transport: transport,
            environment: environment,
            logger: logger
        )
        layout = S3Layout(prefix: configuration.prefix)
    }

    /// Ends what goes on without a caller, and closes the connections.
    package func shutdown() async {
        await publications.cancel()
        await client.shutdown()
    }

    /// Asks the store for the size; nil when the object is not there.
    package func size(of key: ObjectKey) async throws -> Int64? {
        try await translating { try await head(layout.object(key))?.size }
    }

    /// Never: objects are elsewhere.
    package func localFile(_ key: ObjectKey) async throws -> LocalObject? { nil }

    /// Removes an object.
    package func delete(_ key: ObjectKey) async throws -> Bool {
        try await translating {
            let name = layout.object(key)
            guard try await head(name) != nil else { return false }
            try await remove(name)
            return true
        }
    }
}

/// What HEAD says about an object.
package struct S3Head: Sendable, Equatable {
    package var size: Int64
    /// Base64 of the SHA-256 of the whole object, when the store has verified one.
    package var checksum: String?
}

extension S3ObjectStore {
    /// Runs a use of the client with failures in the store's vocabulary.
    func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let failure as S3Failure {
            throw failure.translated
        }
    }

    /// Asks about a key of the bucket; nil when it is not there.
    package func head(_ name: String) async throws -> S3Head? {
        let request = S3Request(method: "HEAD", key: name, headers: [("x-amz-checksum-mode", "ENABLED")])
        do {
            let answer = try await client.call(request).answer
            guard let size = answer.header("content-length").flatMap({ Int64($0) }), size >= 0 else {
                throw ObjectStoreError.unavailable("the answer to HEAD has no size")
            }
            // The checksum of an upload in parts is one of checksums, and says so by its end.
            let checksum = answer.header("x-amz-checksum-sha256").flatMap { $0.contains("-") ? nil : $0 }
            return S3Head(size: size, checksum: checksum)
        } catch let failure as S3Failure where failure.status == 404 && failure.code != "NoSuchBucket" {
            return nil
        }
    }

    /// Removes a key of the bucket; one that is not there is fine.
    func remove(_ name: String) async throws {
        do {
            _ = try await client.call(S3Request(method: "DELETE", key: name))
        } catch let failure as S3Failure where failure.status == 404 && failure.code != "NoSuchBucket" {
        }
    }

    /// Runs clean-up to its end, also when the task is cancelled; what fails is left to the sweep.
    func cleaningUp(_ body: @escaping @Sendable () async throws -> Void) async {
        await Task { try? await body() }.value
    }
}
