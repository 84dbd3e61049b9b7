import HubCore
import OpenSSLKit
import Testing

@Suite struct SigningKeyTests {
    private let master = [UInt8](repeating: 7, count: 32)

    @Test func signsWhatOnlyItAccepts() throws {
        let key = try SigningKey(master: master, purpose: "one v1")
        let code = try key.sign([1, 2, 3])
        #expect(code.count == 32)
        #expect(key.isValid(code, for: [1, 2, 3]))
        #expect(!key.isValid(code, for: [1, 2, 4]))
        #expect(!key.isValid(Array(code.dropLast()), for: [1, 2, 3]))
        #expect(!key.isValid([], for: [1, 2, 3]))
        for position in code.indices {
            var altered = code
            altered[position] ^= 1
            #expect(!key.isValid(altered, for: [1, 2, 3]))
        }
    }

    @Test func isOfNoUseForAnotherPurposeOrInstallation() throws {
        let code = try SigningKey(master: master, purpose: "one v1").sign([1])
        #expect(!(try SigningKey(master: master, purpose: "two v1").isValid(code, for: [1])))
        let other = [UInt8](repeating: 8, count: 32)
        #expect(!(try SigningKey(master: other, purpose: "one v1").isValid(code, for: [1])))
    }

    /// RFC 4231 has no case with two steps, so both are done by hand.
    @Test func isDerivedAsDocumented() throws {
        let derived = try HMACSHA256.authenticationCode(for: Array("one v1".utf8), key: master)
        let expected = try HMACSHA256.authenticationCode(for: [1], key: derived)
        #expect(try SigningKey(master: master, purpose: "one v1").sign([1]) == expected)
    }

    @Test(arguments: [0, 1, 31])
    func neverSignsWithLessThanASecret(count: Int) {
        let error = #expect(throws: HubError.self) {
            try SigningKey(master: [UInt8](repeating: 7, count: count), purpose: "one v1")
        }
        #expect(error?.kind == .internalFailure)
    }
}
