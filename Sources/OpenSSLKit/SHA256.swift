/// SHA-256 of bytes that come in pieces.
///
/// Not `Sendable`: one thread at a time.
package final class SHA256Stream {
    private let digest: MessageDigest

    /// Starts from no bytes.
    package init() throws(OpenSSLError) {
        digest = try MessageDigest(.sha256)
    }

    /// Takes in `bytes`; any number, also none.
    package func update(_ bytes: UnsafeRawBufferPointer) throws(OpenSSLError) {
        try digest.update(bytes)
    }

    /// 32 bytes: the digest of everything taken in.
    ///
    /// The stream then starts again from no bytes and can be reused.
    package func finalize() throws(OpenSSLError) -> [UInt8] {
        try digest.finalize()
    }
}

/// SHA-256 of bytes that are all there.
package enum SHA256 {
    /// 32 bytes.
    package static func digest(_ bytes: [UInt8]) throws(OpenSSLError) -> [UInt8] {
        let stream = try MessageDigest(.sha256)
        try bytes.withBytes { (buffer) throws(OpenSSLError) in try stream.update(buffer) }
        return try stream.finalize()
    }
}

extension Array where Element == UInt8 {
    /// `withUnsafeBytes` that keeps the type of the error.
    func withBytes(_ body: (UnsafeRawBufferPointer) throws(OpenSSLError) -> Void) throws(OpenSSLError) {
        let result: Result<Void, OpenSSLError> = withUnsafeBytes { buffer in
            do throws(OpenSSLError) {
                return .success(try body(buffer))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
