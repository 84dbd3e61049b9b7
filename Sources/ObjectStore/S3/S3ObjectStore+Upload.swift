import NIOCore
import OpenSSLKit

extension S3ObjectStore {
    /// Bytes of an object that is held in memory, so that its request can be repeated.
    static let smallSize: Int64 = 256 << 10

    /// Takes an object: small ones in one request that is repeated at need, large ones streamed, huge ones in parts.
    ///
    /// The request for a large object begins while the sender still sends; when it breaks, the sender has to begin
    /// again, because what was sent is nowhere.
    package func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        let source = try VerifiedSource(bytes, key: key, size: size)
        try await translating {
            switch size {
            case ...Self.smallSize: try await putSmall(key, size: size, source)
            case ...configuration.multipartThreshold: try await putStreaming(key, size: size, source)
            default: try await putInParts(key, size: size, source)
            }
        }
    }

    private func putSmall(_ key: ObjectKey, size: Int64, _ source: VerifiedSource) async throws {
        var request = publishing(key)
        request.body = .bytes(try await source.collect(Int(size)))
        // An empty object says that it is right only when it was read to its end.
        try await source.drain()
        do {
            _ = try await client.call(request)
        } catch let failure as S3Failure where failure.isBecauseItIsThere {
            try await requirePublished(key, size: size)
        }
    }

    private func putStreaming(_ key: ObjectKey, size: Int64, _ source: VerifiedSource) async throws {
        do {
            _ = try await stream(publishing(key), from: source, count: size)
        } catch let failure as S3Failure where failure.isBecauseItIsThere {
            // The store did not wait for the bytes, but a wrong upload must fail all the same.
            try await source.drain()
            try await requirePublished(key, size: size)
        }
    }

    /// A PUT to the object's place that carries its SHA-256 three times: as payload hash, as checksum, in its name.
    private func publishing(_ key: ObjectKey) -> S3Request {
        S3Request(
            method: "PUT",
            key: layout.object(key),
            headers: checksum(key) + onlyIfAbsent,
            payloadHash: key.hex
        )
    }

    /// The header by which the store compares what arrives.
    private func checksum(_ key: ObjectKey) -> [(name: String, value: String)] {
        client.abilities.verifiesChecksums ? [("x-amz-checksum-sha256", Base64.encode(key.bytes))] : []
    }

    /// The header that keeps a published object as it is.
    var onlyIfAbsent: [(name: String, value: String)] {
        client.abilities.knowsConditionalWrites ? [("if-none-match", "*")] : []
    }

    /// Makes sure of an object of which the store said that it is there.
    func requirePublished(_ key: ObjectKey, size: Int64) async throws {
        guard let found = try await head(layout.object(key)) else {
            throw ObjectStoreError.unavailable("another upload of the same object is under way")
        }
        guard found.size == size else { throw ObjectStoreError.damaged(key) }
    }

    /// Sends a request whose body is the next `count` bytes of a source.
    /// - Throws: errors of the source before those of the store, which may only follow from them.
    func stream(_ request: S3Request, from source: VerifiedSource, count: Int64) async throws -> S3Reply {
        let relay = PieceRelay()
        let sent: @Sendable () async throws -> S3Reply = { [request, client] in
            var request = request
            request.body = .stream(relay, count: count)
            defer { relay.close() }
            return try await client.call(request)
        }
        return try await withThrowingTaskGroup(of: S3Reply.self) { group in
            group.addTask { try await sent() }
            do {
                try await Self.feed(relay, from: source, count: count)
                relay.finish()
            } catch {
                relay.finish(.failure(error))
                throw error
            }
            guard let reply = try await group.next() else { throw CancellationError() }
            return reply
        }
    }

    private static func feed(_ relay: PieceRelay, from source: VerifiedSource, count: Int64) async throws {
        var rest = count
        while rest > 0 {
            guard let piece = try await source.next(atMost: rest) else {
                throw ObjectStoreError.wrongSize(expected: count, received: count - rest)
            }
            rest -= Int64(piece.readableBytes)
            guard await relay.send(piece) else { return }
        }
        // The end is reported only when it was reached in order, so that a size of 0 is checked as well.
        if count == 0 { try await source.drain() }
    }

    /// The smallest parts, which can be held and sent again; larger ones only where 10,000 of those are not enough.
    private static func partSize(for size: Int64) -> Int64 {
        let smallest = MultipartLimits.minimumPartSize
        return size / smallest < 10_000 ? smallest : MultipartLimits.recommendedPartSize(for: size)
    }

    /// Sends the next part: from memory, again and again, or else streamed once.
    private func sendPart(_ part: S3Request, from source: VerifiedSource, count: Int64) async throws -> S3Reply {
        guard count <= MultipartLimits.minimumPartSize else {
            return try await stream(part, from: source, count: count)
        }
        var part = part
        part.body = .bytes(try await source.collect(Int(count)))
        return try await client.call(part)
    }

    /// Sends an object in parts to its place; it appears there only when the last byte was hashed and the sum was right.
    private func putInParts(_ key: ObjectKey, size: Int64, _ source: VerifiedSource) async throws {
        let name = layout.object(key)
        let partSize = Self.partSize(for: size)
        let id = try await createUpload(name)
        do {
            var parts: [UploadedPart] = []
            for start in stride(from: 0, to: size, by: Int(partSize)) {
                let part = S3Request.part(name, id: id, number: parts.count + 1)
                let reply = try await sendPart(part, from: source, count: min(partSize, size - start))
                parts.append(UploadedPart(number: parts.count + 1, etag: try reply.etag()))
            }
            try await complete(name, id: id, parts: parts, headers: onlyIfAbsent)
        } catch let failure as S3Failure where failure.isBecauseItIsThere {
            await cleaningUp { try await abort(name, id: id) }
            try await requirePublished(key, size: size)
        } catch {
            await cleaningUp { try await abort(name, id: id) }
            throw error
        }
    }
}

extension S3Failure {
    /// Whether `If-None-Match` was not fulfilled, or somebody else is just writing the same key.
    var isBecauseItIsThere: Bool {
        status == 412 || code == "PreconditionFailed" || code == "ConditionalRequestConflict"
    }
}

extension S3Reply {
    /// The entity tag of a part, with its quotation marks.
    func etag() throws -> String {
        guard let etag = answer.header("etag"), !etag.isEmpty else {
            throw ObjectStoreError.unavailable("the answer to a part has no etag")
        }
        return etag
    }
}
