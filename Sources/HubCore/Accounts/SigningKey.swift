import OpenSSLKit

/// A key for one kind of signature, derived from the installation's secret, so that none is of use for another kind.
///
/// - Source: HMAC-SHA-256 as a pseudo-random function, RFC 2104; one step of NIST SP 800-108's counter mode.
package struct SigningKey: Sendable {
    /// How many bytes the installation's secret and a derived key have.
    package static let byteCount = 32

    private let key: [UInt8]

    /// Derives the key of a purpose.
    ///
    /// - Parameters:
    ///   - master: the installation's secret, `byteCount` bytes or more.
    ///   - purpose: what is signed, with a version, such as "granary lfs-grant v1".
    /// - Throws: `HubError.internalFailure` for a shorter secret: what it signed could be forged.
    package init(master: [UInt8], purpose: String) throws {
        guard master.count >= Self.byteCount else {
            throw HubError(
                .internalFailure,
                "The hub cannot sign.",
                diagnostics: "the signing key is missing or too short"
            )
        }
        key = try HMACSHA256.authenticationCode(for: Array(purpose.utf8), key: master)
    }

    /// The 32 bytes that only a holder of the key can make for `bytes`.
    package func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        try HMACSHA256.authenticationCode(for: bytes, key: key)
    }

    /// Whether `code` is the signature of `bytes`, in time that does not depend on where they differ.
    ///
    /// A signature that cannot be computed is a wrong one.
    package func isValid(_ code: [UInt8], for bytes: [UInt8]) -> Bool {
        guard let expected = try? sign(bytes) else { return false }
        return constantTimeEqual(expected, code)
    }
}
