import Foundation

/// An SSH key pair in files, made by `ssh-keygen`.
package struct SSHKey: Sendable {
    /// The kinds of keys that tests use.
    package enum Kind: String, Sendable {
        case ed25519, ecdsa, rsa
        case ed25519SK = "ed25519-sk"
        case ecdsaSK = "ecdsa-sk"

        /// The kinds that are made without a device, which are those of host keys, too.
        package static let plain = [Kind.ed25519, .ecdsa, .rsa]
    }

    private let directory: TemporaryDirectory
    /// The private key; the public key is beside it, with `.pub`.
    package let path: String

    /// The file with the public key.
    package var publicPath: String { path + ".pub" }

    /// Makes a key pair.
    ///
    /// - Parameters:
    ///   - bits: the size, for kinds that have several.
    ///   - options: more arguments for `ssh-keygen`.
    package static func make(
        _ kind: Kind = .ed25519,
        bits: Int? = nil,
        comment: String = "tests",
        options: [String] = []
    ) async throws -> SSHKey {
        let directory = try TemporaryDirectory("key")
        let size = bits.map { ["-b", "\($0)"] } ?? []
        let path = directory.path("id")
        try await Command(
            "ssh-keygen",
            ["-q", "-N", "", "-t", kind.rawValue, "-C", comment, "-f", path] + size + options
        ).run().required()
        return SSHKey(directory: directory, path: path)
    }

    /// The fingerprint as OpenSSH prints it, such as `SHA256:…`.
    package func fingerprint() async throws -> String {
        let line = try await Command("ssh-keygen", ["-lf", publicPath]).run().required().output
        return line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }

    /// The line of the public key.
    package func publicLine() throws -> String {
        try String(contentsOfFile: publicPath, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Keeps another file, made out of the key, as long as the key.
    package func beside(_ name: String) -> String { directory.path(name) }
}
