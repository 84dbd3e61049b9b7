import Foundation

/// The security key in software of `fixtures/ssh`, compiled for ssh and ssh-keygen.
package struct SoftwareSecurityKey: Sendable {
    private let directory: TemporaryDirectory
    /// The library for `-w` and `SecurityKeyProvider`.
    package let path: String

    /// Compiles it; `clang` comes with Swift.
    package static func compile() async throws -> SoftwareSecurityKey {
        let directory = try TemporaryDirectory("security-key")
        let path = directory.path("software-security-key.so")
        let source = PythonScript("software-security-key.c").path
        try await Command("clang", ["-shared", "-fPIC", "-o", path, source, "-lcrypto"]).run().required()
        return SoftwareSecurityKey(directory: directory, path: path)
    }

    /// Makes a key pair whose private half is in the security key.
    package func makeKey(_ kind: SSHKey.Kind, options: [String] = []) async throws -> SSHKey {
        try await SSHKey.make(kind, options: ["-w", path] + options)
    }
}
