/// Why a store did not do what it was asked for.
///
/// No case carries a credential, a signed URL or an address of the store's network; texts are for the log nonetheless.
package enum ObjectStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What came is shorter or longer than was said; `received` is at least so many bytes.
    case wrongSize(expected: Int64, received: Int64)
    /// The bytes have another SHA-256 than the key they were to be published under.
    case wrongHash
    /// The disk, the quota or the bucket is full.
    case outOfSpace
    /// The store cannot be reached or is overloaded: the same request may succeed later.
    case unavailable(String)
    /// The store refuses, and will refuse again until somebody changes its set-up.
    case refused(String)
    /// There is no such multipart upload for this key: it never was, was aborted, or was swept.
    case noSuchUpload
    /// A part is missing, has another etag, stands in the wrong place, or has a number outside 1 through 10,000.
    case invalidPart(Int)
    /// What is stored under the key is not what the key names.
    case damaged(ObjectKey)

    /// For the log.
    package var description: String {
        switch self {
        case .wrongSize(let expected, let received): "expected \(expected) bytes, received \(received)"
        case .wrongHash: "the bytes have another SHA-256"
        case .outOfSpace: "the object store is full"
        case .unavailable(let reason): "the object store is not available: \(reason)"
        case .refused(let reason): "the object store refuses: \(reason)"
        case .noSuchUpload: "there is no such multipart upload"
        case .invalidPart(let number): "part \(number) is missing or not the one that was stored"
        case .damaged(let key): "object \(key) is damaged"
        }
    }
}
