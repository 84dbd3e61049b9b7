/// SHA-1 of bytes that come in pieces.
///
/// It names git objects; nothing secret rests on it.
///
/// Not `Sendable`: one thread at a time.
package final class SHA1Stream {
    private let digest: MessageDigest

    /// Starts from no bytes.
    ///
    /// - Throws: `OpenSSLError` when libcrypto has no SHA-1 (a FIPS provider) or no memory.
    package init() throws(OpenSSLError) {
        digest = try MessageDigest(.sha1)
    }

    /// Takes in `bytes`; any number, also none.
    package func update(_ bytes: UnsafeRawBufferPointer) throws(OpenSSLError) {
        try digest.update(bytes)
    }

    /// 20 bytes: the digest of everything taken in.
    ///
    /// The stream then starts again from no bytes and can be reused.
    package func finalize() throws(OpenSSLError) -> [UInt8] {
        try digest.finalize()
    }

    /// 20 bytes: the digest of everything taken in so far; the stream goes on.
    package func digestSoFar() throws(OpenSSLError) -> [UInt8] {
        try digest.digestSoFar()
    }
}
