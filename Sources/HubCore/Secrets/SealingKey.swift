import OpenSSLKit

/// A key under which the database holds what must not be read in a copy of it, derived from the installation's secret.
struct SealingKey: Sendable {
    private let key: [UInt8]
    private let environment: HubEnvironment

    /// Derives the key of a purpose, such as "granary webhook-secret v1".
    ///
    /// Without the installation's secret, as in commands, nothing can be sealed or opened.
    init(master: [UInt8], purpose: String, environment: HubEnvironment) throws {
        self.environment = environment
        guard master.count >= SigningKey.byteCount else {
            key = []
            return
        }
        key = try HMACSHA256.authenticationCode(for: Array(purpose.utf8), key: master)
    }

    /// Seals a text.
    ///
    /// - Parameter owner: what it belongs to: it cannot be opened as something else's.
    /// - Returns: base64.
    func seal(_ text: String, of owner: String) throws -> String {
        let nonce = try environment.randomBytes(AESGCM.nonceByteCount)
        return Base64.encode(
            try AESGCM.seal(Array(text.utf8), key: key, nonce: nonce, for: Array(owner.utf8))
        )
    }

    /// Opens what `seal` made.
    ///
    /// - Throws: `HubError.internalFailure` when the row or the secret of the installation is another one.
    func open(_ sealed: String, of owner: String) throws -> String {
        guard let bytes = Base64.decode(sealed),
            let plain = try? AESGCM.open(bytes, key: key, for: Array(owner.utf8))
        else {
            throw HubError(
                .internalFailure,
                "A secret cannot be read.",
                diagnostics: "not sealed by this hub: \(owner)"
            )
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
