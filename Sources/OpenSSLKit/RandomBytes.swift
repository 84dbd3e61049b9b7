import COpenSSL

/// Unpredictable bytes from libcrypto's generator, which the system seeds.
package enum RandomBytes {
    /// `count` bytes, fit for keys and tokens; none for zero or less.
    package static func generate(_ count: Int) throws(OpenSSLError) -> [UInt8] {
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        try check(while: "generating random bytes") { RAND_bytes(&bytes, Int32(clamping: count)) }
        return bytes
    }
}
