import Outbound
import Testing

@Suite struct OutboundURLTests {
    @Test(arguments: [
        ("http://a.example", "http://a.example/"), ("HTTPS://A.Example:443/X?y=Z", "https://a.example/X?y=Z"),
        ("http://a.example:8080?q", "http://a.example:8080/?q"), ("http://127.0.0.1:80/", "http://127.0.0.1/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"), ("http://[0:0::1]/", "http://[::1]/"),
        ("http://my_host/", "http://my_host/"),
        ("https://x.y/a%20b;c=d,e@f:g", "https://x.y/a%20b;c=d,e@f:g"),
    ])
    func hasOneSpelling(text: String, spelling: String) throws {
        let url = try OutboundURL(parsing: text)
        #expect(url.description == spelling)
        #expect(try OutboundURL(parsing: spelling) == url)
    }

    @Test(arguments: [
        ("", OutboundURL.Malformed.scheme), ("ftp://a", .scheme), ("a.example", .scheme), ("//a", .scheme),
        ("http://a@b/", .credentials), ("http://a:b@c/", .credentials), ("http://a/#x", .fragment),
        ("http:///x", .host),
        ("http://", .host), ("http://a..b/", .host), ("http://a./", .host), ("http://-a/", .host),
        ("http://a b/", .characters),
        ("http://ä.example/", .characters), ("http://a/\n", .characters), ("http://a/\\b", .characters),
        ("http://a/\"", .characters),
        ("http://a\\@b/", .credentials), ("http://a%2eb/", .host), ("http://2130706433/", .host),
        ("http://0x7f.1/", .host),
        ("http://0177.0.0.1/", .host), ("http://127.1/", .host), ("http://1.2.3.4.5/", .host),
        ("http://0x7f000001/", .host),
        ("http://[::1/", .host), ("http://[127.0.0.1]/", .host), ("http://[fe80::1%25lo]/", .host),
        ("http://a:0/", .port),
        ("http://a:65536/", .port), ("http://a:/", .port), ("http://a:+80/", .port), ("http://a:8 0/", .characters),
        ("http://[::1]x/", .port),
    ])
    func refuses(text: String, reason: OutboundURL.Malformed) {
        #expect(throws: reason) { try OutboundURL(parsing: text) }
    }

    @Test func isNotEndless() {
        let long = "http://a/" + String(repeating: "x", count: OutboundURL.maximumBytes)
        #expect(throws: OutboundURL.Malformed.tooLong) { try OutboundURL(parsing: long) }
    }
}
