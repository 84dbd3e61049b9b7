import GitCore
import Glibc
import HubAPI
import HubCore
import SSHD

extension Examination {
    private static let usefulDescriptors: UInt64 = 4_096

    /// What the operating system and the libraries give.
    func system() -> [Finding] { [fileDescriptors(), libgit2()] }

    private func fileDescriptors() -> Finding {
        let (_, maximum) = ProcessSetup.fileDescriptorLimits()
        guard maximum >= Self.usefulDescriptors else {
            return .warning(
                "open files",
                "at most \(maximum); busy servers need \(Self.usefulDescriptors) (ulimit -n, or LimitNOFILE= of systemd)"
            )
        }
        return .ok("open files", "at most \(maximum)")
    }

    private func libgit2() -> Finding {
        do {
            try Libgit2.start()
            let empty: [UInt8] = []
            let id = try empty.withUnsafeBytes { try ObjectHasher.id(of: $0, type: .blob) }
            guard id.hex == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391" else {
                return .problem("libgit2", "version \(Libgit2.version) computes wrong object ids")
            }
            return .ok("libgit2", "version \(Libgit2.version), collision-detecting SHA-1")
        } catch {
            return .problem("libgit2", "\(error)")
        }
    }

    /// Ports, certificate, and the URL that clients are told.
    ///
    /// - Parameter serverProcess: the server that runs on the data directory, if any.
    func network(serverProcess: String?) throws -> [Finding] {
        var findings = [port("http port", try configuration[Keys.http], serverProcess)]
        if let address = try configuration[Keys.ssh] { findings.append(port("ssh port", address, serverProcess)) }
        if let address = try configuration[Keys.metrics] {
            findings.append(port("metrics port", address, serverProcess))
            if !address.isLoopback {
                findings.append(
                    .warning("metrics port", "\(address.text) can be reached from outside and has no access control")
                )
            }
        }
        let certificate = try configuration[Keys.tlsCertificate]
        if let certificate, let key = try configuration[Keys.tlsKey] { findings += tls(certificate, key) }
        findings.append(try publicURL(hasTLS: certificate != nil))
        return findings
    }

    /// The keys by which clients know the server, with the fingerprints that they ask about.
    func hostKeys(of directory: DataDirectory) throws -> [Finding] {
        guard try configuration[Keys.ssh] != nil else { return [] }
        do {
            let keys = try HostKeys(directory: directory.secrets).descriptions()
            guard !keys.isEmpty else {
                return [.ok("ssh host keys", "none yet; the next start of the server makes them")]
            }
            return keys.map { .ok("ssh host key", "\($0.algorithm) \($0.fingerprint)") }
        } catch {
            return [.problem("ssh host keys", "\(error)")]
        }
    }

    private func port(_ check: String, _ address: ListenAddress, _ serverProcess: String?) -> Finding {
        switch PortProbe.state(of: address) {
        case .free: .ok(check, "\(address.text) is free")
        case .taken where serverProcess != nil:
            .ok(check, "\(address.text) is taken, and process \(serverProcess ?? "") serves this data directory")
        case .taken: .problem(check, "\(address.text) is taken by another program; choose another port")
        case .unusable(let reason): .problem(check, "\(address.text) cannot be used: \(reason)")
        }
    }

    private func tls(_ certificate: String, _ key: String) -> [Finding] {
        for path in [certificate, key] where access(path, R_OK) != 0 {
            return [.problem("certificate", "cannot read \(path): \(SystemError.text(errno))")]
        }
        var status = stat()
        guard stat(key, &status) == 0, status.st_mode & 0o007 == 0 else {
            return [.warning("certificate", "everybody can read the private key; run: chmod o-rwx \(key)")]
        }
        return [.ok("certificate", certificate)]
    }

    private func publicURL(hasTLS: Bool) throws -> Finding {
        let check = "public URL"
        let address = try configuration[Keys.http]
        let isTrusting = try configuration[Keys.trustForwardedHeaders]
        guard let url = try configuration[Keys.publicURL] else {
            guard address.isLoopback else {
                return .warning(check, "not set; links are made from each request's own Host. Set public-url")
            }
            return .ok(check, "not set; clients on this machine use \(hasTLS ? "https" : "http")://\(address.text)")
        }
        if url.hasPrefix("http://"), !address.isLoopback {
            return .warning(check, "\(url): passwords and tokens travel unencrypted; use HTTPS")
        }
        if url.hasPrefix("https://"), !hasTLS, !isTrusting {
            return .warning(
                check,
                "\(url), but HTTPS is off here; behind a proxy that ends it, set trust-forwarded-headers"
            )
        }
        return .ok(check, url)
    }
}
