import HTTPTypes
import HubAPI
import NIOCore
import Testing

@Suite struct PublicURLTests {
    private static let forwarded = [
        "Host": "inner:80", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "hub.example",
    ]

    @Test func prefersTheSetting() {
        let url = PublicURL(setting: "https://hub.example/base/", trustsForwardedHeaders: true)
        #expect(url.base(for: exchange(["Host": "other"])) == "https://hub.example/base")
    }

    @Test func believesTheProxyOnlyWhenToldTo() {
        let trusting = PublicURL(setting: nil, trustsForwardedHeaders: true)
        let wary = PublicURL(setting: nil, trustsForwardedHeaders: false)
        #expect(trusting.base(for: exchange(Self.forwarded)) == "https://hub.example")
        #expect(wary.base(for: exchange(Self.forwarded)) == "http://inner:80")
    }

    @Test(arguments: ["a/b", "a b", "a\"b", "a@b", "", "a?b"])
    func neverCopiesWhatIsNoHost(host: String) {
        let url = PublicURL(setting: nil, trustsForwardedHeaders: false)
        #expect(url.base(for: exchange(["Host": host])) == "http://localhost")
    }

    @Test(arguments: [
        ("hub.example", "hub.example"), ("hub.example:8080", "hub.example"), ("[2001:db8::1]:8080", "2001:db8::1"),
        ("[::1]", "::1"), (":8080", "localhost"), ("a b", "localhost"),
    ])
    func knowsTheHostAlone(field: String, host: String) {
        let url = PublicURL(setting: nil, trustsForwardedHeaders: false)
        #expect(PublicURL.host(ofBase: url.base(for: exchange(["Host": field]))) == host)
    }

    @Test func takesTheHostOutOfTheSetting() {
        let url = PublicURL(setting: "https://hub.example:8443/base/", trustsForwardedHeaders: false)
        #expect(PublicURL.host(ofBase: url.base(for: exchange(["Host": "other"]))) == "hub.example")
    }

    @Test func countsByTheAddressThatTheNearestProxySaw() {
        let fields = ["X-Forwarded-For": "1.2.3.4, 5.6.7.8"]
        let trusting = PublicURL(setting: nil, trustsForwardedHeaders: true)
        let wary = PublicURL(setting: nil, trustsForwardedHeaders: false)
        #expect(trusting.clientAddress(of: exchange(fields)) == "5.6.7.8")
        #expect(wary.clientAddress(of: exchange(fields)) == "9.9.9.9")
    }

    @Test(arguments: [
        ("198.51.100.7:4000", "198.51.100.7"), ("[2001:db8::1]:4000", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("unknown", "unknown"),
    ])
    func leavesThePortOut(field: String, address: String) {
        let trusting = PublicURL(setting: nil, trustsForwardedHeaders: true)
        #expect(trusting.clientAddress(of: exchange(["X-Forwarded-For": field])) == address)
    }

    private func exchange(_ fields: [String: String]) -> Exchange {
        var headers = HTTPFields()
        for (name, value) in fields {
            guard let name = HTTPField.Name(name) else { continue }
            headers[name] = value
        }
        return Exchange(
            id: "1",
            method: .get,
            target: "/",
            headers: headers,
            body: RequestBody(bytes: ByteBuffer()),
            peerAddress: "9.9.9.9",
            isSecure: false
        )
    }
}
