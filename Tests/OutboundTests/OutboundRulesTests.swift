import Outbound
import Testing

@Suite struct OutboundRulesTests {
    private func decide(
        _ rules: String,
        _ host: String,
        _ addresses: [String],
        port: Int = 443,
        own: [String] = []
    ) throws -> Bool {
        try #require(OutboundRules(parsing: rules)).decide(
            host: host,
            port: port,
            addresses: addresses.compactMap { IPAddress(parsing: $0) },
            own: Set(own.compactMap { IPAddress(parsing: $0) })
        )
    }

    @Test func thePublicInternetIsOpen() throws {
        #expect(try !decide("", "a.example", ["8.8.8.8", "2606:4700::1111"]))
        #expect(try !decide("", "a.example", ["8.8.8.8"], port: 8_080))
        for port in [22, 25, 79, 1_023] {
            #expect(throws: OutboundRules.Refusal.port) { try decide("", "a.example", ["8.8.8.8"], port: port) }
        }
    }

    @Test func oneGoodAddressDoesNotExcuseABadOne() {
        for bad in ["127.0.0.1", "::1", "169.254.169.254", "10.0.0.1"] {
            #expect(throws: OutboundRules.Refusal.address) { try decide("", "a.example", ["8.8.8.8", bad]) }
        }
    }

    @Test func thisMachineIsNotThePublicInternet() throws {
        #expect(throws: OutboundRules.Refusal.address) { try decide("", "me.example", ["8.8.8.8"], own: ["8.8.8.8"]) }
        #expect(try decide("8.8.8.8", "me.example", ["8.8.8.8"], own: ["8.8.8.8"]))
    }

    @Test func whatIsListedIsAllowedAndKnownAsInner() throws {
        #expect(try decide("10.0.0.0/8", "a.example", ["10.2.3.4"], port: 22))
        #expect(throws: OutboundRules.Refusal.address) {
            try decide("10.0.0.0/8", "a.example", ["10.2.3.4", "127.0.0.1"])
        }
        #expect(try decide("hooks.internal", "hooks.internal", ["127.0.0.1"], port: 25))
        #expect(throws: OutboundRules.Refusal.address) {
            try decide("hooks.internal", "x.hooks.internal", ["127.0.0.1"])
        }
        #expect(try decide("*.internal", "x.internal", ["127.0.0.1"]))
        for name in ["internal", "xinternal", "x.internal.evil"] {
            #expect(throws: OutboundRules.Refusal.address) { try decide("*.internal", name, ["127.0.0.1"]) }
        }
        // Before a name is looked up there is nothing against it.
        #expect(try !decide("", "localhost", []))
    }

    @Test(arguments: ["10.0.0.0/33", "a b", ",", "x,", "http://x", "*", "*.", "*.*.x", "x:80", "-x"])
    func refusesWhatIsNoList(text: String) { #expect(OutboundRules(parsing: text) == nil) }

    @Test func isToldAsItWasRead() throws {
        for text in ["", "127.0.0.0/8,a.example,*.internal"] {
            #expect(try #require(OutboundRules(parsing: text)).description == text)
        }
    }
}
