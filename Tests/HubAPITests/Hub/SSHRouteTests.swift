import HubAPI
import HubCore
import NIOCore
import Testing

@Suite struct SSHRouteTests {
    private let key = SSHHostKey(algorithm: "ssh-ed25519", fingerprint: "SHA256:a/b", publicKey: "ssh-ed25519 AAAA")

    @Test func tellsWhereSSHIsAndHowToKnowIt() throws {
        let endpoint = SSHEndpoint(port: 2222, hostKeys: [key])
        let answer = try Answer.json(SSHAnswer(endpoint, requestHost: "hub.example"))
        let expected = """
            {"host":"hub.example","hostKeys":[{"algorithm":"ssh-ed25519","fingerprint":"SHA256:a/b",\
            "knownHosts":"[hub.example]:2222 ssh-ed25519 AAAA","publicKey":"ssh-ed25519 AAAA"}],\
            "port":2222,"user":"git"}
            """
        #expect(String(buffer: answer.body) == expected)
    }

    @Test(arguments: [
        (SSHEndpoint(host: "ssh.example", port: 22, hostKeys: []), "ssh.example", "ssh.example"),
        (SSHEndpoint(host: "ssh.example", port: 23, hostKeys: []), "ssh.example", "[ssh.example]:23"),
        (SSHEndpoint(port: 22, hostKeys: []), "::1", "::1"),
        (SSHEndpoint(port: 2222, hostKeys: []), "::1", "[::1]:2222"),
    ])
    func namesTheHostAsKnownHostsFilesDo(endpoint: SSHEndpoint, host: String, known: String) {
        var endpoint = endpoint
        endpoint.hostKeys = [key]
        let answer = SSHAnswer(endpoint, requestHost: "::1")
        #expect(answer.host == host)
        #expect(answer.hostKeys.map(\.knownHosts) == ["\(known) ssh-ed25519 AAAA"])
    }
}
