import NIOCore

/// The requests of multipart uploads.
extension S3Request {
    /// PUT of a part.
    static func part(_ name: String, id: String, number: Int) -> S3Request {
        S3Request(method: "PUT", key: name, query: [("partNumber", String(number)), ("uploadId", id)])
    }
}

extension S3ObjectStore {
    /// Begins an upload to a key of the bucket and gives the store's id.
    func createUpload(_ name: String) async throws -> String {
        let reply = try await client.call(S3Request(method: "POST", key: name, query: [("uploads", "")]))
        guard let id = try reply.element("InitiateMultipartUploadResult").text(of: "UploadId"), !id.isEmpty else {
            throw ObjectStoreError.unavailable("the answer has no upload id")
        }
        return id
    }

    /// Puts parts together; they must be in order.
    func complete(
        _ name: String,
        id: String,
        parts: [UploadedPart],
        headers: [(name: String, value: String)] = []
    ) async throws {
        let list = parts.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(Self.escaped(part.etag))</ETag></Part>"
        }
        let text = "<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>"
        let request = S3Request(
            method: "POST",
            key: name,
            query: [("uploadId", id)],
            headers: headers + [("content-type", "application/xml")],
            body: .bytes(ByteBuffer(string: text))
        )
        _ = try await client.call(request)
    }

    /// Drops an upload; one that is not there is fine.
    func abort(_ name: String, id: String) async throws {
        do {
            _ = try await client.call(S3Request(method: "DELETE", key: name, query: [("uploadId", id)]))
        } catch let failure as S3Failure where failure.status == 404 && failure.code != "NoSuchBucket" {
        }
    }

    /// An etag as text of an element, in the quotation marks that S3 gives it.
    private static func escaped(_ etag: String) -> String {
        let bare = etag.filter { $0 != "\"" }
        let safe = bare.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "<"): Array("&lt;".utf8)
            case UInt8(ascii: ">"): Array("&gt;".utf8)
            case UInt8(ascii: "&"): Array("&amp;".utf8)
            case 0x20...0x7e: [byte]
            default: []
            }
        }
        return "&quot;" + String(decoding: safe, as: UTF8.self) + "&quot;"
    }

    /// Copies a key of the bucket within the store, in parts when it is large; false when the source is not there.
    func copy(_ source: String, to target: String, size: Int64) async throws -> Bool {
        do {
            if size <= configuration.copyThreshold {
                var request = S3Request(method: "PUT", key: target)
                request.headers = [("x-amz-copy-source", copySource(source))]
                _ = try await client.call(request).element("CopyObjectResult")
            } else {
                try await copyInParts(source, to: target, size: size)
            }
            return true
        } catch let failure as S3Failure where failure.code == "NoSuchKey" {
            return false
        }
    }

    /// Parts of one copy that the store makes at the same time.
    private static let copiesAtOnce = 8

    private func copyInParts(_ source: String, to target: String, size: Int64) async throws {
        let id = try await createUpload(target)
        do {
            let partSize = max(MultipartLimits.recommendedPartSize(for: size), configuration.copyThreshold)
            let starts = Array(stride(from: 0, to: size, by: Int(partSize)))
            let parts = try await withThrowingTaskGroup(of: UploadedPart.self) { group in
                var parts: [UploadedPart] = []
                for (index, start) in starts.enumerated() {
                    if index >= Self.copiesAtOnce, let part = try await group.next() { parts.append(part) }
                    let request = part(of: source, start..<min(size, start + partSize), to: target, id, index + 1)
                    group.addTask { try await copy(request, index + 1) }
                }
                for try await part in group { parts.append(part) }
                return parts.sorted { $0.number < $1.number }
            }
            try await complete(target, id: id, parts: parts)
        } catch {
            await cleaningUp { try await abort(target, id: id) }
            throw error
        }
    }

    private func part(
        of source: String,
        _ range: Range<Int64>,
        to target: String,
        _ id: String,
        _ number: Int
    ) -> S3Request {
        var request = S3Request.part(target, id: id, number: number)
        request.headers = [
            ("x-amz-copy-source", copySource(source)),
            ("x-amz-copy-source-range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"),
        ]
        return request
    }

    private func copy(_ request: S3Request, _ number: Int) async throws -> UploadedPart {
        guard let etag = try await client.call(request).element("CopyPartResult").text(of: "ETag") else {
            throw ObjectStoreError.unavailable("the answer to a copied part has no etag")
        }
        return UploadedPart(number: number, etag: etag)
    }

    private func copySource(_ name: String) -> String {
        "/" + PercentEncoding.encode(configuration.bucket) + "/" + PercentEncoding.encode(name, keepingSlash: true)
    }
}
