import COpenSSL

/// HMAC with SHA-256.
package enum HMACSHA256 {
    /// 32 bytes that only a holder of `key` can make for `message`.
    ///
    /// Any length of key, also none.
    ///
    /// Compare the result with `constantTimeEqual`, never with `==`.
    /// - Source: RFC 2104, FIPS 198-1.
    package static func authenticationCode(for message: [UInt8], key: [UInt8]) throws(OpenSSLError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: FetchedDigest.sha256.byteCount)
        // libcrypto takes an absent key for "the key of the last call", so an empty key still needs an address.
        let keyOrPadding = key.isEmpty ? [0] : key
        _ = try check(while: "authenticating") {
            HMAC(
                FetchedDigest.sha256.pointer,
                keyOrPadding,
                Int32(clamping: key.count),
                message,
                message.count,
                &output,
                nil
            )
        }
        return output
    }
}
