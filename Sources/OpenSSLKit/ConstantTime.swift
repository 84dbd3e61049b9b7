import COpenSSL

/// Whether two byte strings are equal, in time that depends on their length alone.
///
/// Different lengths answer false at once: the length of a digest or token is no secret.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return CRYPTO_memcmp(left, right, left.count) == 0
}
