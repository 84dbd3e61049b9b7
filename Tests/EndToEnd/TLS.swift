import Glibc
import GranaryTesting
import Testing

@Suite("HTTPS with a private authority", .serialized, .ownServers)
struct TLS {
    @Test func gitClonesAndPushesOverHTTPS() async throws {
        let authority = try await CertificateAuthority.make()
        let server = try await GranaryServer.start([
            "--tls-certificate", authority.certificate, "--tls-key", authority.key,
        ])
        #expect(server.base.hasPrefix("https://"))
        let alice = try await server.addPerson("alice")
        let repository = try await server.addRepository("model", "alice", "secure")
        let story = Story(server: server, owner: alice, repository: repository)
        for wire in Wire.http {
            let git = try story.git(wire).with("http.sslCAInfo=\(authority.authority)")
            let work = try await git.newRepository("work")
            try await work.commit("first", ["a": "\(wire.version)\n"])
            try await work("push", story.url(wire), "main:refs/heads/v\(wire.version)")
            let clone = try await git.clone(story.url(wire), "clone", "--branch", "v\(wire.version)")
            #expect(try await clone.id("HEAD") == work.id("main"))
        }
        let distrustful = try await story.git().attempt("ls-remote", story.url())
        #expect(!distrustful.succeeded && distrustful.errorText.contains("certificate"), "\(distrustful)")
        let plain = try RawConnection(port: server.httpPort)
        try await plain.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        let (bytes, _) = try await plain.receive(idle: .seconds(20))
        #expect(HTTPAnswer(reading: bytes).status != 200)
        #expect(try await server.stop() == 0)
    }

    @Test func certificatesAreReloaded() async throws {
        let authority = try await CertificateAuthority.make()
        let server = try await GranaryServer.start([
            "--tls-certificate", authority.certificate, "--tls-key", authority.key,
        ])
        func served() async throws -> String {
            let script =
                "openssl s_client -connect 127.0.0.1:\(server.httpPort) </dev/null 2>/dev/null | openssl x509 -noout -serial"
            return try await Command("sh", ["-c", script]).run().required().output
        }
        let first = try await authority.serial()
        #expect(try await served() == first)
        try await authority.issue()
        let second = try await authority.serial()
        #expect(first != second)
        server.signal(SIGHUP)
        let reloaded = try await eventually { try await served() == second }
        #expect(reloaded)
        // A broken file does not replace a working certificate.
        try authority.directory.write("server.pem", "not a certificate")
        server.signal(SIGHUP)
        try await Task.sleep(for: .milliseconds(500))
        #expect(try await served() == second)
        #expect(try await server.stop() == 0)
    }

    @Test func aCertificateWithoutKeyStopsTheStart() async throws {
        let authority = try await CertificateAuthority.make()
        let data = try TemporaryDirectory("data")
        for options in [
            ["--tls-certificate", authority.certificate], ["--tls-key", authority.key],
            ["--tls-certificate", authority.certificate, "--tls-key", "/nonexistent"],
            ["--tls-certificate", authority.key, "--tls-key", authority.certificate],
        ] {
            var command = Command(
                GranaryServer.executable,
                [
                    "serve", "--data", data.path("data"), "--http", "127.0.0.1:0", "--ssh", "off", "--metrics", "off",
                ] + options
            )
            command.timeout = .seconds(20)
            let result = try await command.run()
            #expect(!result.succeeded && !result.timedOut && result.status < 128, "\(result)")
            #expect(result.errorText.contains("tls-"), "\(result)")
        }
    }
}
