import HubCore
import Testing

@Suite struct SSHPublicKeyTests {
    @Test(arguments: KeyFixture.all)
    func readsWhatSSHKeygenWrites(fixture: KeyFixture) throws {
        let key = try SSHPublicKey(openSSHLine: fixture.line)
        let fields = fixture.line.split(separator: " ", maxSplits: 2)
        #expect(try key.fingerprint() == fixture.fingerprint)
        #expect(key.algorithm == fields[0])
        #expect(key.base64 == fields[1])
        #expect(key.comment == (fields.count == 3 ? String(fields[2]) : ""))
    }

    @Test func ignoresWhiteSpaceAround() throws {
        let plain = try SSHPublicKey(openSSHLine: KeyFixture.ed25519.line)
        #expect(try SSHPublicKey(openSSHLine: "  \(KeyFixture.ed25519.line)\r\n") == plain)
        let tabbed = KeyFixture.ed25519.line.replacing(" ", with: "\t", maxReplacements: 2)
        #expect(try SSHPublicKey(openSSHLine: tabbed) == plain)
    }

    @Test func refusesWeakAndForgottenKeys() {
        #expect(throws: SSHPublicKey.Malformed.weakRSA(bits: 1024)) {
            try SSHPublicKey(openSSHLine: KeyFixture.weakRSA)
        }
        #expect(throws: SSHPublicKey.Malformed.algorithm) { try SSHPublicKey(openSSHLine: KeyFixture.dsa) }
    }

    @Test(arguments: [
        ("", SSHPublicKey.Malformed.shape),
        ("ssh-ed25519", .shape),
        ("ssh-ed25519 AAAA\nssh-ed25519 AAAA", .shape),
        ("ssh-ed25519 AAAA\u{0}", .shape),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", .algorithm),
        ("command=\"x\" ssh-ed25519 AAAA", .algorithm),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", .algorithm),
        ("ssh-ed25519 A*AA", .base64),
        ("ssh-ed25519 AAA", .base64),
        ("ssh-ed25519 AAAA", .blob),
        ("ssh-ed25519 /////w==", .blob),
        (String(repeating: "x", count: 20_000), .tooLong),
    ])
    func refusesWhatIsNotAKey(line: String, error: SSHPublicKey.Malformed) {
        #expect(throws: error) { try SSHPublicKey(openSSHLine: line) }
    }

    /// The name outside decides nothing: a key that says one thing and holds another is refused.
    @Test func refusesAKeyOfAnotherAlgorithmThanItSays() {
        let blob = KeyFixture.ed25519.line.split(separator: " ")[1]
        for algorithm in ["ssh-rsa", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com"] {
            #expect(throws: SSHPublicKey.Malformed.mismatch) {
                try SSHPublicKey(openSSHLine: "\(algorithm) \(blob)")
            }
        }
    }

    /// Every key, cut anywhere, or with something behind it.
    @Test(arguments: KeyFixture.all)
    func refusesEveryTruncation(fixture: KeyFixture) throws {
        let fields = fixture.line.split(separator: " ")
        for count in stride(from: 4, to: fields[1].utf8.count - 3, by: 4) {
            #expect(throws: SSHPublicKey.Malformed.self) {
                try SSHPublicKey(openSSHLine: "\(fields[0]) \(fields[1].prefix(count))")
            }
        }
        let unpadded = fields[1].hasSuffix("=") ? nil : fields[1] + "AAAA"
        if let unpadded {
            #expect(throws: SSHPublicKey.Malformed.blob) { try SSHPublicKey(openSSHLine: "\(fields[0]) \(unpadded)") }
        }
    }
}
