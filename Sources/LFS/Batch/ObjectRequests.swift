import JSON
package import NIOCore
package import ObjectStore

extension LFSObject {
    /// Most bytes of a request about one object.
    package static let bodyLimit = 64 << 10

    /// Reads the body of a verify request, `{oid, size}`.
    ///
    /// - Throws: 400, 413 or 422.
    package init(verifyBody body: ByteBuffer) throws(LFSFailure) {
        let document = try RequestBody.object(body, limit: Self.bodyLimit)
        switch BatchRequest.Entry(document) {
        case .object(let object): self = object
        case .invalid(let entry):
            guard case .error(let code, let message) = entry.outcome else { throw .unprocessable("Not an object.") }
            throw LFSFailure(status: code, message)
        }
    }
}

/// The list of parts with which a client ends a multipart upload.
package struct MultipartCompletion: Sendable, Equatable {
    package let oid: ObjectKey
    /// The entity tags of the parts: the first is that of part 1.
    package let etags: [String]

    /// Most bytes of a request: 10 000 parts with room to spare.
    package static let bodyLimit = 4 << 20
    private static let etagLimit = 256

    /// Reads `{oid, parts: [{partNumber, etag}]}`; the parts may come in any order.
    ///
    /// - Throws: 400 and 413; 422 unless the numbers are 1 … n without a gap or repetition, or for an oid or entity tag
    ///   that cannot be.
    /// - Source: `huggingface_hub`, `lfs.py`, `_get_completion_payload`.
    package init(body: ByteBuffer) throws(LFSFailure) {
        let document = try RequestBody.object(body, limit: Self.bodyLimit)
        guard let oid = document["oid"]?.text.flatMap({ ObjectKey(hex: $0) }) else {
            throw .unprocessable("The oid must be 64 lower-case hexadecimal digits.")
        }
        guard let parts = document["parts"]?.elements, !parts.isEmpty else {
            throw .unprocessable("The parts must be a list that is not empty.")
        }
        guard parts.count <= MultipartPlan.partLimit else {
            throw .unprocessable("An upload may have \(MultipartPlan.partLimit) parts; this one has more.")
        }
        var etags = [String?](repeating: nil, count: parts.count)
        for part in parts {
            let (index, etag) = try Self.part(part, count: parts.count)
            guard etags[index] == nil else { throw .unprocessable("Part \(index + 1) is listed twice.") }
            etags[index] = etag
        }
        self.oid = oid
        self.etags = etags.compactMap { $0 }
    }

    private static func part(_ value: JSONValue, count: Int) throws(LFSFailure) -> (index: Int, etag: String) {
        guard let number = value["partNumber"]?.integer, (1...Int64(count)).contains(number) else {
            throw .unprocessable("The partNumber of each part must be an integer, from 1 on without a gap.")
        }
        guard let etag = value["etag"]?.text, isVisibleASCII(etag.utf8, limit: etagLimit) else {
            throw .unprocessable("The etag of part \(number) is not one.")
        }
        return (Int(number) - 1, etag)
    }
}
