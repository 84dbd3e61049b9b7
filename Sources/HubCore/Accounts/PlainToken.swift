import OpenSSLKit

/// A token as its owner knows it: "gra_" and 43 base64url characters, which are 32 random bytes.
///
/// The database has only the SHA-256 of the text, which is enough: nobody guesses 256 random bits.
struct PlainToken {
    private static let prefix = "gra_"
    static let randomByteCount = 32

    /// The whole text.
    let text: String

    /// A new token.
    ///
    /// - Parameter random: `randomByteCount` unpredictable bytes.
    init(random: [UInt8]) {
        text = Self.prefix + Base64.encode(random, .urlSafe)
    }

    /// Takes what a client showed; nil when it has not the form of a token.
    init?(reading text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let body = String(decoding: text.utf8.dropFirst(Self.prefix.utf8.count), as: UTF8.self)
        guard Base64.decode(body, .urlSafe)?.count == Self.randomByteCount else { return nil }
        self.text = text
    }

    /// What is stored: 64 lower-case hexadecimal digits.
    func stored() throws -> String {
        Hex.encode(try SHA256.digest(Array(text.utf8)))
    }
}
