import HubAPI
import HubCore
import JSON
import NIOCore
import Testing

@Suite struct SSHEndpointTests {
    private let key = SSHHostKey(algorithm: "ssh-ed25519", fingerprint: "SHA256:a/b", publicKey: "ssh-ed25519 AAAA")

    @Test func tellsWhereSSHIsAndHowToKnowIt() {
        let endpoint = SSHEndpoint(port: 2222, hostKeys: [key])
        let expected = """
            {"user":"git","host":"hub.example","port":2222,"hostKeys":[{"algorithm":"ssh-ed25519",\
            "fingerprint":"SHA256:a/b","publicKey":"ssh-ed25519 AAAA",\
            "knownHosts":"[hub.example]:2222 ssh-ed25519 AAAA"}]}
            """
        #expect(String(buffer: endpoint.json(requestHost: "hub.example").encoded()) == expected)
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
        let answer = endpoint.json(requestHost: "::1")
        #expect(answer["host"]?.text == host)
        #expect(answer["hostKeys"]?.elements?.map { $0["knownHosts"]?.text } == ["\(known) ssh-ed25519 AAAA"])
    }
}
