package import NIOCore

/// Bytes of an object that arrive piece by piece; the reader sets the pace.
package typealias ByteSourceLike = any AsyncSequence<ByteBuffer, any Error> & Sendable

/// An object that is being read, or a part of one.
package struct ObjectReading: Sendable {
    /// Size of the whole object.
    package var size: Int64
    /// Which bytes follow: what was asked for, clipped to the object.
    package var range: Range<Int64>
    /// The bytes of `range`, to be read once, in pieces of at most 1 MiB from files and of the network's size from S3.
    ///
    /// It throws when the store fails on the way; it never ends early in silence.
    package var bytes: ByteSourceLike

    /// A reading from its parts.
    package init(size: Int64, range: Range<Int64>, bytes: ByteSourceLike) {
        self.size = size
        self.range = range
        self.bytes = bytes
    }
}

/// An object as a plain file, for copies from kernel to socket.
///
/// The file never changes; it may be renamed or removed, so a reader opens it at once and keeps it open.
package struct LocalObject: Sendable, Equatable {
    /// Absolute path.
    package var path: String
    /// Bytes.
    package var size: Int64

    /// A file from its parts.
    package init(path: String, size: Int64) {
        self.path = path
        self.size = size
    }
}

/// A request that a client sends to the store itself.
///
/// The URL is signed and therefore a credential: it goes to the client it was made for, and into no log.
package struct DirectRequest: Sendable {
    /// Where to; the method is GET for a download and PUT for an upload or a part.
    package var url: String
    /// What the client must send along, exactly.
    package var headers: [(name: String, value: String)]
    /// Seconds for which the request can be begun.
    package var expiresIn: Int

    /// A request from its parts.
    package init(url: String, headers: [(name: String, value: String)], expiresIn: Int) {
        self.url = url
        self.headers = headers
        self.expiresIn = expiresIn
    }
}

/// A published object in a listing.
package struct StoredObject: Sendable, Equatable {
    /// Its name.
    package var key: ObjectKey
    /// Bytes.
    package var size: Int64
    /// When it was published or last came back from quarantine: seconds since 1970.
    package var modifiedAt: Int64

    /// An entry from its parts.
    package init(key: ObjectKey, size: Int64, modifiedAt: Int64) {
        self.key = key
        self.size = size
        self.modifiedAt = modifiedAt
    }
}

/// A part of a multipart upload as the client names it at the end.
package struct UploadedPart: Sendable, Equatable {
    /// 1 through 10,000.
    package var number: Int
    /// What `putPart` gave, or the store's `ETag` header; quotation marks make no difference.
    package var etag: String

    /// A part from its number and etag.
    package init(number: Int, etag: String) {
        self.number = number
        self.etag = etag
    }
}

/// Bounds of multipart uploads, those of S3.
package enum MultipartLimits {
    /// Part numbers that may be used.
    package static let partNumbers = 1...10_000
    /// The largest part.
    package static let maximumPartSize: Int64 = 5 << 30
    /// The smallest part, the last one excepted.
    package static let minimumPartSize: Int64 = 5 << 20

    /// A part size that S3 takes for an object of `size` bytes: 16 MiB, or more when 10,000 such parts do not hold it.
    package static func recommendedPartSize(for size: Int64) -> Int64 {
        let megabyte: Int64 = 1 << 20
        let (quotient, remainder) = max(0, size).quotientAndRemainder(dividingBy: 10_000 * megabyte)
        return max(16 * megabyte, (quotient + (remainder > 0 ? 1 : 0)) * megabyte)
    }
}
