import COpenSSL

/// AES-256 in Galois/Counter Mode: keeps a text secret and notices when it was changed.
///
/// A sealed text is the nonce, the ciphertext, and the tag, one after another.
/// - Source: NIST SP 800-38D.
package enum AESGCM {
    /// How many bytes a key has.
    package static let keyByteCount = 32
    /// How many bytes a nonce has; random ones are good for 2^32 texts with one key.
    package static let nonceByteCount = 12
    private static let tagByteCount = 16

    /// Something that was not sealed with this key for this purpose, or was changed since.
    package struct NotAuthentic: Error, Equatable, Sendable {}

    /// Seals a text.
    ///
    /// - Parameters:
    ///   - nonce: `nonceByteCount` bytes, never used before with this key.
    ///   - associatedData: what the text belongs to; it has to be the same when the text is opened.
    /// - Throws: `OpenSSLError`, also for a key or a nonce of another length.
    package static func seal(
        _ plain: [UInt8],
        key: [UInt8],
        nonce: [UInt8],
        for associatedData: [UInt8]
    ) throws(OpenSSLError) -> [UInt8] {
        guard key.count == keyByteCount, nonce.count == nonceByteCount else { throw lengths }
        let context = try CipherContext()
        try check(while: "sealing") { EVP_EncryptInit_ex(context.pointer, EVP_aes_256_gcm(), nil, key, nonce) }
        var count: Int32 = 0
        try check(while: "sealing") {
            EVP_EncryptUpdate(context.pointer, nil, &count, associatedData, Int32(clamping: associatedData.count))
        }
        var cipher = [UInt8](repeating: 0, count: plain.count + tagByteCount)
        try check(while: "sealing") {
            EVP_EncryptUpdate(context.pointer, &cipher, &count, plain, Int32(clamping: plain.count))
        }
        var tag = [UInt8](repeating: 0, count: tagByteCount)
        try check(while: "sealing") { EVP_EncryptFinal_ex(context.pointer, &tag, &count) }
        try check(while: "sealing") {
            EVP_CIPHER_CTX_ctrl(context.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(tagByteCount), &tag)
        }
        return nonce + cipher.prefix(plain.count) + tag
    }

    /// Opens what `seal` made.
    ///
    /// - Throws: `NotAuthentic` when anything is not as it was sealed; `OpenSSLError`.
    package static func open(_ sealed: [UInt8], key: [UInt8], for associatedData: [UInt8]) throws -> [UInt8] {
        guard key.count == keyByteCount else { throw lengths }
        guard sealed.count >= nonceByteCount + tagByteCount else { throw NotAuthentic() }
        let nonce = Array(sealed.prefix(nonceByteCount))
        let cipher = Array(sealed.dropFirst(nonceByteCount).dropLast(tagByteCount))
        var tag = Array(sealed.suffix(tagByteCount))
        let context = try CipherContext()
        try check(while: "opening") { EVP_DecryptInit_ex(context.pointer, EVP_aes_256_gcm(), nil, key, nonce) }
        var count: Int32 = 0
        try check(while: "opening") {
            EVP_DecryptUpdate(context.pointer, nil, &count, associatedData, Int32(clamping: associatedData.count))
        }
        var plain = [UInt8](repeating: 0, count: cipher.count + tagByteCount)
        try check(while: "opening") {
            EVP_DecryptUpdate(context.pointer, &plain, &count, cipher, Int32(clamping: cipher.count))
        }
        try check(while: "opening") {
            EVP_CIPHER_CTX_ctrl(context.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tagByteCount), &tag)
        }
        var rest = [UInt8](repeating: 0, count: tagByteCount)
        do {
            try check(while: "opening") { EVP_DecryptFinal_ex(context.pointer, &rest, &count) }
        } catch {
            throw NotAuthentic()
        }
        return Array(plain.prefix(cipher.count))
    }

    private static let lengths = OpenSSLError(
        operation: "encrypting with a key or nonce of a wrong length",
        reasons: []
    )
}

/// A cipher's state in libcrypto, wiped when it goes.
private struct CipherContext: ~Copyable {
    let pointer: OpaquePointer

    init() throws(OpenSSLError) {
        pointer = try check(while: "making a cipher") { EVP_CIPHER_CTX_new() }
    }

    deinit { EVP_CIPHER_CTX_free(pointer) }
}
