import HubAPI
import Testing

@Suite struct HTTPDateTests {
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
    ])
    func writesDatesAsHTTPDoes(second: Int, text: String) {
        #expect(HTTPDate.text(of: second) == text)
    }
}
