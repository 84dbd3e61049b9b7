import COpenSSL

/// A digest algorithm, fetched from the provider once per process: fetching costs more than hashing a small object.
///
/// `@unchecked`: an `EVP_MD` is immutable after it has been fetched, libcrypto counts its references atomically, and
/// ours is never freed.
struct FetchedDigest: @unchecked Sendable {
    /// Nil when the provider does not offer the algorithm, as a FIPS provider does with SHA-1.
    let pointer: OpaquePointer?
    /// Bytes of output.
    let byteCount: Int

    static let sha1 = FetchedDigest(pointer: EVP_MD_fetch(nil, "SHA1", nil), byteCount: 20)
    static let sha256 = FetchedDigest(pointer: EVP_MD_fetch(nil, "SHA256", nil), byteCount: 32)
}

/// Owner of one `EVP_MD_CTX`; the body of the digest classes.
///
/// Not `Sendable`: one thread at a time.
final class MessageDigest {
    private let context: OpaquePointer
    private let digest: FetchedDigest

    /// Starts a digest of no bytes.
    init(_ digest: FetchedDigest) throws(OpenSSLError) {
        let context = try check(while: "creating a digest") { EVP_MD_CTX_new() }
        self.context = context
        self.digest = digest
        // A nil algorithm would keep the previous one; a fresh context has none, so libcrypto refuses it.
        try check(while: "starting a digest") { EVP_DigestInit_ex2(context, digest.pointer, nil) }
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Takes in `bytes`; any number, also none.
    func update(_ bytes: UnsafeRawBufferPointer) throws(OpenSSLError) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        try check(while: "hashing") { EVP_DigestUpdate(context, start, bytes.count) }
    }

    /// The digest of everything taken in; the object then starts again from no bytes.
    func finalize() throws(OpenSSLError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: digest.byteCount)
        try check(while: "finishing a digest") { EVP_DigestFinal_ex(context, &output, nil) }
        try check(while: "restarting a digest") { EVP_DigestInit_ex2(context, digest.pointer, nil) }
        return output
    }

    /// The digest of everything taken in so far; the object goes on as if nobody had asked.
    func digestSoFar() throws(OpenSSLError) -> [UInt8] {
        let copy = try check(while: "creating a digest") { EVP_MD_CTX_new() }
        defer { EVP_MD_CTX_free(copy) }
        try check(while: "copying a digest") { EVP_MD_CTX_copy_ex(copy, context) }
        var output = [UInt8](repeating: 0, count: digest.byteCount)
        try check(while: "finishing a digest") { EVP_DigestFinal_ex(copy, &output, nil) }
        return output
    }
}
