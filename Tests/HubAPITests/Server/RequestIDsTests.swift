import HubAPI
import Testing

@Suite struct RequestIDsTests {
    @Test func countsInSixteenDigits() {
        let ids = RequestIDs(start: 0xfe)
        #expect(ids.next() == "00000000000000ff")
        #expect(ids.next() == "0000000000000100")
        #expect(RequestIDs(start: .max).next() == "0000000000000000")
    }

    @Test(arguments: [("abc-1.2_3:4", true), ("", false), ("a b", false), ("a\nb", false), ("é", false)])
    func logsOnlyPlainIDsOfClients(text: String, isValid: Bool) {
        #expect(RequestIDs.validated(text) == (isValid ? text : nil))
        #expect(RequestIDs.validated(String(repeating: "a", count: 129)) == nil)
    }
}
