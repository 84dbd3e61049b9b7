import NIOCore
import OpenSSLKit

extension S3ObjectStore {
    /// Opens an object and streams a range of it; a connection that breaks is taken up again where it broke.
    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        try await translating { try await open(layout.object(key), key: key, range: range) }
    }

    private func open(_ name: String, key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        let wanted = range.map { max(0, $0.lowerBound)..<max(0, $0.upperBound) }
        if let wanted, wanted.isEmpty { return try await emptyReading(name, at: wanted.lowerBound) }
        do {
            let answer = try await client.open(.reading(name, range: wanted))
            guard let (range, size) = S3ContentRange.read(answer) else {
                throw ObjectStoreError.unavailable("the answer does not say which bytes it has")
            }
            if let wanted, range.lowerBound != wanted.lowerBound || range.upperBound != min(wanted.upperBound, size) {
                throw ObjectStoreError.unavailable("the store does not answer with the range that was asked for")
            }
            let bytes = S3Bytes(client: client, name: name, range: range, first: answer.body)
            return ObjectReading(size: size, range: range, bytes: bytes)
        } catch let failure as S3Failure where failure.status == 416 {
            return try await emptyReading(name, at: wanted?.lowerBound ?? 0)
        } catch let failure as S3Failure where failure.status == 404 && failure.code != "NoSuchBucket" {
            return nil
        }
    }

    private func emptyReading(_ name: String, at position: Int64) async throws -> ObjectReading? {
        guard let size = try await head(name)?.size else { return nil }
        let position = min(position, size)
        let bytes = S3Bytes(client: client, name: name, range: position..<position, first: nil)
        return ObjectReading(size: size, range: position..<position, bytes: bytes)
    }

    /// Reads a key of the bucket and hashes it; nil when it is not there.
    package func digest(of name: String, size: Int64) async throws -> [UInt8]? {
        guard let found = try await head(name) else { return nil }
        guard found.size == size else { throw ObjectStoreError.wrongSize(expected: size, received: found.size) }
        let hash = try SHA256Stream()
        for try await piece in S3Bytes(client: client, name: name, range: 0..<size, first: nil) {
            try piece.withUnsafeReadableBytes { try hash.update($0) }
        }
        return try hash.finalize()
    }
}

extension S3Request {
    /// GET of a key, whole or a range that is not empty.
    static func reading(_ name: String, range: Range<Int64>?) -> S3Request {
        var request = S3Request(method: "GET", key: name)
        if let range { request.headers = [("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")] }
        return request
    }
}

/// Which bytes of an object an answer has.
enum S3ContentRange {
    /// Reads `Content-Range` of a 206, or `Content-Length` of a 200.
    static func read(_ answer: S3Answer) -> (range: Range<Int64>, size: Int64)? {
        if answer.status != 206 {
            guard let size = answer.header("content-length").flatMap({ Int64($0) }), size >= 0 else { return nil }
            return (0..<size, size)
        }
        guard let text = answer.header("content-range"), text.hasPrefix("bytes ") else { return nil }
        let numbers = text.dropFirst(6).split { $0 == "-" || $0 == "/" }.compactMap { Int64($0) }
        guard numbers.count == 3, numbers[0] >= 0, numbers[1] >= numbers[0], numbers[2] > numbers[1] else { return nil }
        return (numbers[0]..<(numbers[1] + 1), numbers[2])
    }
}

/// The bytes of a range, fetched by as many requests as it takes.
struct S3Bytes: AsyncSequence, Sendable {
    let client: S3Client
    let name: String
    let range: Range<Int64>
    /// The body of the first answer, when it is already there.
    let first: ByteSourceLike?

    /// Broken connections in one reading that are taken up again.
    static let repairs = 3

    func makeAsyncIterator() -> Iterator {
        Iterator(source: self, position: range.lowerBound, body: first?.makeAsyncIterator())
    }

    struct Iterator: AsyncIteratorProtocol {
        let source: S3Bytes
        var position: Int64
        var body: (any AsyncIteratorProtocol<ByteBuffer, any Error>)?
        var failures = 0

        mutating func next() async throws -> ByteBuffer? {
            while position < source.range.upperBound {
                do {
                    return try await piece()
                } catch {
                    try Task.checkCancellation()
                    body = nil
                    failures += 1
                    guard failures <= S3Bytes.repairs else { throw S3Bytes.translated(error) }
                }
            }
            // Reading to the very end gives the connection back to the pool.
            _ = try? await body?.next(isolation: nil)
            body = nil
            return nil
        }

        private mutating func piece() async throws -> ByteBuffer {
            if body == nil {
                let rest = position..<source.range.upperBound
                let answer = try await source.client.open(.reading(source.name, range: rest))
                guard S3ContentRange.read(answer)?.range == rest else {
                    throw ObjectStoreError.unavailable("the store does not answer with the range that was asked for")
                }
                body = answer.body.makeAsyncIterator()
            }
            guard let piece = try await body?.next(isolation: nil) else {
                throw ObjectStoreError.unavailable("the answer is shorter than it should be")
            }
            position += Int64(piece.readableBytes)
            guard position <= source.range.upperBound else {
                throw ObjectStoreError.unavailable("the answer is longer than it should be")
            }
            return piece
        }
    }

    private static func translated(_ error: any Error) -> any Error {
        switch error {
        case let failure as S3Failure: failure.translated
        case is ObjectStoreError: error
        default: ObjectStoreError.unavailable("the connection broke: \(error)")
        }
    }
}
