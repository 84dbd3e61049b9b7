import NIOCore
import OpenSSLKit

extension S3ObjectStore {
    /// Begins an upload to a staging key, whose name holds the object's, so that it is of no use for another.
    package func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String {
        guard MultipartManifest(key: key, size: size, partSize: partSize) != nil else {
            throw ObjectStoreError.refused("\(size) bytes in parts of \(partSize)")
        }
        return try await translating {
            let token = Hex.encode(try RandomBytes.generate(16))
            let staged = S3Upload(token: token, id: "").staged(key, in: layout)
            return S3Upload(token: token, id: try await createUpload(staged)).text
        }
    }

    /// A signed PUT for one part.
    package func directPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        expiresIn: Int
    ) async throws -> DirectRequest? {
        guard !configuration.isProxied else { return nil }
        let upload = try checked(upload, part: part)
        return try await client.presign(
            .part(upload.staged(key, in: layout), id: upload.id, number: part),
            expiresIn: expiresIn
        )
    }

    /// Streams a part to the store.
    package func putPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        size: Int64,
        bytes: ByteSourceLike
    ) async throws -> String {
        let upload = try checked(upload, part: part)
        let source = try VerifiedSource(bytes, key: nil, size: size)
        return try await translating {
            let request = S3Request.part(upload.staged(key, in: layout), id: upload.id, number: part)
            return try await stream(request, from: source, count: size).etag()
        }
    }

    /// Puts the parts together at the staging key, reads the whole back, and copies it to its place when it is right.
    ///
    /// A receipt then says that this was done, for a client that did not hear it.
    package func completeMultipart(
        _ upload: String,
        key: ObjectKey,
        size: Int64,
        parts: [UploadedPart]
    ) async throws {
        let upload = try checked(upload, part: 1)
        let (staged, receipt) = (upload.staged(key, in: layout), upload.receipt(key, in: layout))
        var last = 0
        for part in parts {
            guard part.number > last, MultipartLimits.partNumbers.contains(part.number) else {
                throw ObjectStoreError.invalidPart(part.number)
            }
            last = part.number
        }
        try await translating {
            do {
                try await complete(staged, id: upload.id, parts: parts)
            } catch let failure as S3Failure where failure.code == "NoSuchUpload" {
                // The reply, or the rest of our work, was lost; the staged object or the receipt tells how far it came.
                guard try await head(staged) != nil else { return try await requireReceipt(receipt, key, size: size) }
            }
            // Reading a large object back takes longer than some clients wait; it goes on for those who ask again.
            _ = try await publications.run(receipt) {
                try await publish(staged, as: key, size: size)
                _ = try await client.call(S3Request(method: "PUT", key: receipt))
                await cleaningUp { try await remove(staged) }
                return true
            }
        }
    }

    /// Drops an upload and its parts.
    package func abortMultipart(_ upload: String, key: ObjectKey) async throws {
        guard let upload = S3Upload(upload) else { return }
        try await translating {
            try await abort(upload.staged(key, in: layout), id: upload.id)
        }
    }

    /// Verifies a staged object and copies it to its place; a wrong one is removed.
    private func publish(_ staged: String, as key: ObjectKey, size: Int64) async throws {
        do {
            guard let digest = try await digest(of: staged, size: size) else { throw ObjectStoreError.noSuchUpload }
            guard digest == key.bytes else { throw ObjectStoreError.wrongHash }
            guard try await copy(staged, to: layout.object(key), size: size) else {
                throw ObjectStoreError.noSuchUpload
            }
        } catch let error as ObjectStoreError {
            switch error {
            case .wrongHash, .wrongSize: await cleaningUp { try await remove(staged) }
            default: break
            }
            throw error
        }
    }

    private func requireReceipt(_ receipt: String, _ key: ObjectKey, size: Int64) async throws {
        guard try await isPublished(key, size: size, by: receipt) else { throw ObjectStoreError.noSuchUpload }
    }

    private func checked(_ upload: String, part: Int) throws -> S3Upload {
        guard MultipartLimits.partNumbers.contains(part) else { throw ObjectStoreError.invalidPart(part) }
        guard let upload = S3Upload(upload) else { throw ObjectStoreError.noSuchUpload }
        return upload
    }
}
