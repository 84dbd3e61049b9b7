import Outbound
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.1",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1",
        "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
        "4000::1",
    ])
    func isNotPublic(text: String) throws {
        #expect(try !#require(IPAddress(parsing: text)).isPublic)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "100.128.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "2a00::1",
    ])
    func isPublic(text: String) throws {
        let address = try #require(IPAddress(parsing: text))
        #expect(address.isPublic)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "0x7f.0.0.1", "0177.0.0.1", "01.2.3.4", "2130706433", "fe80::1%lo",
        "[::1]", "1.1.1.1\0",
    ])
    func isNoAddress(text: String) { #expect(IPAddress(parsing: text) == nil) }

    @Test func networksHoldWhatBeginsWithTheSameBits() throws {
        let network = try #require(IPNetwork(parsing: "10.1.128.0/17"))
        for (text, isIn) in [
            ("10.1.128.0", true), ("10.1.255.255", true), ("10.1.127.255", false), ("11.1.128.0", false),
            ("::1", false),
        ] {
            #expect(network.contains(try #require(IPAddress(parsing: text))) == isIn, "\(text)")
        }
        #expect(try #require(IPNetwork(parsing: "0.0.0.0/0")).contains(try #require(IPAddress(parsing: "9.9.9.9"))))
        let one = try #require(IPNetwork(parsing: "fd00::5"))
        #expect(one.contains(try #require(IPAddress(parsing: "fd00::5"))))
        #expect(!one.contains(try #require(IPAddress(parsing: "fd00::4"))))
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "::/129", "x/8", ""] {
            #expect(IPNetwork(parsing: text) == nil, "\(text)")
        }
    }
}
