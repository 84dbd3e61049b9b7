import COpenSSL

/// A call into libcrypto that failed: what was attempted, and libcrypto's own words.
package struct OpenSSLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was attempted, such as "hashing".
    package let operation: String
    /// The texts of the error queue, oldest first; empty when the library gave no reason.
    package let reasons: [String]

    /// For the log: never holds key material, because libcrypto's texts do not.
    package var description: String {
        reasons.isEmpty ? "\(operation) failed" : "\(operation) failed: \(reasons.joined(separator: "; "))"
    }
}

/// Calls libcrypto with a clean error queue and turns "not 1" into an error that holds the queue's texts.
///
/// The queue belongs to the thread, so clearing, calling and draining happen in one synchronous expression.
/// - Throws: `OpenSSLError` when `call` answers anything but 1.
func check(while operation: String, _ call: () -> Int32) throws(OpenSSLError) {
    ERR_clear_error()
    guard call() == 1 else { throw OpenSSLError(operation: operation, reasons: drainErrorQueue()) }
}

/// Takes a pointer from libcrypto, or the reason why there is none.
///
/// - Throws: `OpenSSLError` when `call` answers nil.
func check<Pointer>(while operation: String, _ call: () -> Pointer?) throws(OpenSSLError) -> Pointer {
    ERR_clear_error()
    guard let pointer = call() else { throw OpenSSLError(operation: operation, reasons: drainErrorQueue()) }
    return pointer
}

/// Empties this thread's error queue.
///
/// A text is cut at 255 bytes by libcrypto.
private func drainErrorQueue() -> [String] {
    var reasons: [String] = []
    while case let code = ERR_get_error(), code != 0 {
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        reasons.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    return reasons
}
