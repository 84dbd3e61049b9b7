/// The algorithms that are offered, each list in order of preference.
///
/// Left out of what libssh 0.10 knows: everything with SHA-1 or CBC, Diffie-Hellman groups under 4096 bits, the NIST curves
/// for key exchange, MACs without encrypt-then-mac, and compression, which would cost more than it saves on packs.
/// `docs/LIMITS.md` lists them for readers.
package enum Algorithms {
    /// Key exchange.
    ///
    /// The strict form against prefix truncation (CVE-2023-48795) is added by libssh.
    package static let keyExchange = [
        "curve25519-sha256", "curve25519-sha256@libssh.org", "diffie-hellman-group18-sha512",
        "diffie-hellman-group16-sha512",
    ]
    /// Ciphers; AES-GCM first, because processors compute it.
    package static let ciphers = [
        "aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr", "aes128-ctr",
    ]
    /// Message authentication for the ciphers that need it.
    package static let macs = ["hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com"]
    /// Signatures by users' keys: no SHA-1.
    package static let userKeys = [
        "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-512", "rsa-sha2-256",
    ]
    /// Compression: none.
    package static let compression = ["none"]
}
