/// A private certificate authority and one server certificate, made by `openssl`.
package struct CertificateAuthority: Sendable {
    /// Keeps the files.
    package let directory: TemporaryDirectory
    /// The authority's certificate.
    package var authority: String { directory.path("ca.pem") }
    /// The server's certificate.
    package var certificate: String { directory.path("server.pem") }
    /// The server's private key.
    package var key: String { directory.path("server.key") }

    /// Makes an authority and a certificate for 127.0.0.1 and localhost.
    package static func make() async throws -> CertificateAuthority {
        let made = CertificateAuthority(directory: try TemporaryDirectory("tls"))
        try await made.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Granary test authority",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem"
        )
        try await made.issue()
        return made
    }

    /// Issues the server certificate anew, with another serial number, into the same files.
    package func issue() async throws {
        try await openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            "server.key",
            "-out",
            "server.csr"
        )
        try directory.write("server.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        try await openssl(
            "x509",
            "-req",
            "-in",
            "server.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "server.ext",
            "-out",
            "server.pem"
        )
    }

    /// The serial number of the server certificate in the file.
    package func serial() async throws -> String {
        try await openssl("x509", "-in", "server.pem", "-noout", "-serial")
    }

    @discardableResult
    private func openssl(_ arguments: String...) async throws -> String {
        var command = Command("openssl", arguments)
        command.directory = directory.path
        return try await command.run().required().output
    }
}
