import GranaryTesting
import Testing

@Suite("Kinds of SSH keys and algorithms", .serialized, .sharedServer)
struct KeyKinds {
    @Test(arguments: [
        (SSHKey.Kind.ed25519, Int?.none), (.ecdsa, 256), (.ecdsa, 384), (.ecdsa, 521), (.rsa, 2_048), (.rsa, 3_072),
        (.rsa, 4_096),
    ])
    func modernKeysLogIn(kind: SSHKey.Kind, bits: Int?) async throws {
        let (story, _) = try await Story.common()
        let key = try await SSHKey.make(kind, bits: bits)
        try await story.server.addKey(key, to: "alice")
        let refs = try await story.git().over(story.server.ssh(with: key)).remoteRefs(story.url(.standardSSH))
        #expect(refs["refs/heads/main"] != nil)
        guard kind == .rsa else { return }
        for algorithm in ["rsa-sha2-256", "rsa-sha2-512"] {
            let result = try await story.server.ssh(with: key).with("PubkeyAcceptedAlgorithms=\(algorithm)")(nil)
            #expect(result.status == 1, "\(algorithm): \(result)")
        }
    }

    @Test func signaturesWithSHA1AreRefused() async throws {
        let (story, _) = try await Story.common()
        let key = try await SSHKey.make(.rsa, bits: 3_072)
        try await story.server.addKey(key, to: "alice")
        let result = try await story.server.ssh(with: key).with("PubkeyAcceptedAlgorithms=ssh-rsa")(nil)
        #expect(result.status == 255, "\(result)")
    }

    @Test func weakKeysCannotBeAdded() async throws {
        let (story, _) = try await Story.common()
        let key = try await SSHKey.make(.rsa, bits: 1_024)
        let result = try await story.server.run(["key", "add", "alice", key.publicPath])
        #expect(result.status == 2, "\(result)")
        #expect(try await story.server.ssh(with: key)(nil).status == 255)
    }

    /// A certificate signed by an authority that nobody trusts opens nothing; the plain key inside it is tried next.
    @Test func certificatesAreNoKeys() async throws {
        let (story, _) = try await Story.common()
        let (authority, stranger) = try await (SSHKey.make(), SSHKey.make())
        let known = try #require(story.owner.key)
        for (key, status) in [(known, Int32(1)), (stranger, 255)] {
            let signed = [
                "-q", "-s", authority.path, "-I", "id", "-n", "git,alice", "-V", "+1h", key.publicPath,
            ]
            try await Command("ssh-keygen", signed).run().required()
            let certificate = key.path + "-cert.pub"
            let ssh = story.server.ssh(with: key).with("CertificateFile=\(certificate)")
            #expect(try await ssh(nil).status == status)
            try await Command("rm", ["-f", certificate]).run().required()
        }
    }

    /// What a modern client or an old one may insist on: served, or refused without harm.
    @Test(arguments: [
        ("Ciphers", "aes128-gcm@openssh.com", true), ("Ciphers", "aes256-gcm@openssh.com", true),
        ("Ciphers", "chacha20-poly1305@openssh.com", true), ("Ciphers", "aes256-ctr", true),
        ("Ciphers", "aes128-cbc", false), ("Ciphers", "3des-cbc", false),
        ("KexAlgorithms", "curve25519-sha256", true), ("KexAlgorithms", "curve25519-sha256@libssh.org", true),
        ("KexAlgorithms", "diffie-hellman-group14-sha1", false), ("KexAlgorithms", "diffie-hellman-group1-sha1", false),
        ("KexAlgorithms", "diffie-hellman-group-exchange-sha1", false),
        ("HostKeyAlgorithms", "ssh-ed25519", true), ("HostKeyAlgorithms", "rsa-sha2-512", true),
        ("HostKeyAlgorithms", "rsa-sha2-256", true), ("HostKeyAlgorithms", "ssh-rsa", false),
        ("HostKeyAlgorithms", "ssh-dss", false),
    ])
    func onlyModernAlgorithmsAreOffered(option: String, algorithm: String, isOffered: Bool) async throws {
        let (story, _) = try await Story.common()
        let result = try await story.ssh.with("\(option)=\(algorithm)")(nil)
        #expect(result.status == (isOffered ? 1 : 255), "\(result)")
    }

    @Test func weakMessageCodesAreNotOffered() async throws {
        let (story, _) = try await Story.common()
        for code in ["hmac-sha1", "hmac-md5", "hmac-sha1-96", "umac-64@openssh.com"] {
            let result = try await story.ssh.with("Ciphers=aes128-ctr").with("MACs=\(code)")(nil)
            #expect(result.status == 255, "\(result)")
        }
    }

    @Test func compressionIsNoHindrance() async throws {
        let (story, work) = try await Story.common()
        let ssh = story.ssh.with("Compression=yes")
        let clone = try await story.git().over(ssh).clone(story.url(.standardSSH), Story.freshName("compressed"))
        #expect(try await clone.objects() == work.objects())
    }
}
