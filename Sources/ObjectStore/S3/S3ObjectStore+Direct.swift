import NIOCore
import OpenSSLKit

extension S3ObjectStore {
    /// A signed GET; nil in proxy mode.
    package func directDownload(
        _ key: ObjectKey,
        expiresIn seconds: Int,
        fileName: String?
    ) async throws -> DirectRequest? {
        guard !configuration.isProxied else { return nil }
        var request = S3Request(method: "GET", key: layout.object(key))
        if let fileName {
            request.query = [("response-content-disposition", Self.disposition(fileName))]
        }
        return try await client.presign(request, expiresIn: seconds)
    }

    /// A signed PUT to a key of its own, which the store takes only for bytes of this SHA-256 and size.
    ///
    /// nil in proxy mode, for stores that do not compare checksums, and for what is too large for one request.
    package func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn seconds: Int
    ) async throws -> DirectRequest? {
        guard !configuration.isProxied, client.abilities.verifiesChecksums,
            (0...MultipartLimits.maximumPartSize).contains(size)
        else { return nil }
        let headers = [("content-length", String(size)), ("x-amz-checksum-sha256", Base64.encode(key.bytes))]
        return try await client.presign(
            S3Request(method: "PUT", key: layout.staged(staging), headers: headers),
            expiresIn: seconds
        )
    }

    /// Looks at what was sent, copies it to the object's place within the store, and removes it.
    ///
    /// The copy goes on when the caller gives up. A receipt remains, for a client that did not hear that it was done.
    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool {
        try await publications.run(layout.receipt(of: staging, key)) {
            try await translating { try await takeStaged(key, size: size, staging) }
        }
    }

    private func takeStaged(_ key: ObjectKey, size: Int64, _ staging: StagingID) async throws -> Bool {
        let (staged, receipt) = (layout.staged(staging), layout.receipt(of: staging, key))
        guard let found = try await head(staged) else {
            return try await isPublished(key, size: size, by: receipt)
        }
        // What is wrong stays for the sweep: it may be right for another question.
        guard found.size == size, try await isProven(found, at: staged, key) else { return false }
        // One that is there already is the same: nothing gets to its place unverified.
        if try await head(layout.object(key))?.size != size {
            guard try await copy(staged, to: layout.object(key), size: size) else {
                return try await isPublished(key, size: size, by: receipt)
            }
        }
        _ = try await client.call(S3Request(method: "PUT", key: receipt))
        await cleaningUp { try await remove(staged) }
        return true
    }

    /// Compares the checksum that the store verified; without one, the bytes are read and hashed.
    private func isProven(_ found: S3Head, at name: String, _ key: ObjectKey) async throws -> Bool {
        if client.abilities.verifiesChecksums, let checksum = found.checksum {
            return checksum == Base64.encode(key.bytes)
        }
        return try await digest(of: name, size: found.size) == key.bytes
    }

    /// Whether a receipt says that an upload was published, and the object is still there.
    func isPublished(_ key: ObjectKey, size: Int64, by receipt: String) async throws -> Bool {
        guard try await head(receipt) != nil else { return false }
        return try await head(layout.object(key))?.size == size
    }

    /// `Content-Disposition` with a name in plain letters for old browsers and the true one for others.
    ///
    /// - Source: RFC 6266, RFC 8187.
    private static func disposition(_ fileName: String) -> String {
        let plain = fileName.unicodeScalars.map { scalar in
            scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7f && !"\"\\/%".unicodeScalars.contains(scalar)
                ? Character(scalar) : "_"
        }
        return "attachment; filename=\"\(String(plain))\"; filename*=UTF-8''\(PercentEncoding.encode(fileName))"
    }
}
