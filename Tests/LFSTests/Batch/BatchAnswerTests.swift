import LFS
import NIOCore
import Testing

struct BatchAnswerTests {
    private func text(_ outcome: BatchAnswer.Outcome) throws -> String {
        let answer = BatchAnswer(transfer: .basic, entries: [.init(try object(), outcome)])
        return String(buffer: answer.body())
    }

    private func answer(_ rest: String) -> String {
        #"{"transfer":"basic","objects":[{"oid":"\#(abcHex)","size":3\#(rest)}],"hash_algo":"sha256"}"#
    }

    @Test func tellsThatNothingIsToBeSent() throws {
        #expect(try text(.present) == answer(""))
    }

    @Test func tellsWhereToGetAnObject() throws {
        let action = LFSAction(href: "https://h/a?b=c&d", expiresIn: 900, expiresAt: 1_714_564_800)
        let json = #"{"href":"https://h/a?b=c&d","expires_in":900,"expires_at":"2024-05-01T12:00:00Z"}"#
        #expect(try text(.download(action)) == answer(#","authenticated":true,"actions":{"download":\#(json)}"#))
    }

    @Test func tellsWhereToSendAnObject() throws {
        let upload = LFSAction(href: "u", header: [.init("A", "1"), .init("B", "\"")], expiresIn: 6)
        let verify = LFSAction(href: "v", expiresIn: 6)
        let json =
            #"{"upload":{"href":"u","header":{"A":"1","B":"\""},"expires_in":6},"#
            + #""verify":{"href":"v","expires_in":6}}"#
        #expect(try text(.upload(upload, verify: verify)) == answer(#","authenticated":true,"actions":\#(json)"#))
    }

    @Test func asksForALoginWhenOneActionNeedsIt() throws {
        let upload = LFSAction(href: "u", expiresIn: 6)
        let verify = LFSAction(href: "v", isAuthenticated: false, expiresIn: 6)
        #expect(try !text(.upload(upload, verify: verify)).contains("authenticated"))
        #expect(try text(.upload(upload, verify: nil)).contains(#""authenticated":true"#))
    }

    @Test func tellsWhatIsWrongWithAnObject() throws {
        #expect(try text(.error(code: 404, "No.")) == answer(#","error":{"code":404,"message":"No."}"#))
    }

    @Test(arguments: [(Int.min, 1), (0, 1), (900, 900), (Int.max, 2_147_483_647)])
    func holdsTheLifetimeInRange(asked: Int, told: Int) {
        #expect(LFSAction(href: "", expiresIn: asked).expiresIn == told)
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00Z"), (1_714_564_800, "2024-05-01T12:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"), (.max, "9999-12-31T23:59:59Z"), (.min, "0000-01-01T00:00:00Z"),
    ])
    func writesMoments(second: Int64, text: String) {
        #expect(RFC3339.text(of: second) == text)
    }

    @Test func writesRefusals() {
        let failure = LFSFailure(status: 413, "Too \"large\".")
        #expect(String(buffer: failure.body(requestID: "r1")) == #"{"message":"Too \"large\".","request_id":"r1"}"#)
        #expect(
            String(buffer: failure.body(requestID: "r", documentationURL: "https://h/d"))
                == #"{"message":"Too \"large\".","request_id":"r","documentation_url":"https://h/d"}"#
        )
    }

    @Test func alwaysTellsWhenToComeBackAfterTooManyRequests() {
        #expect(LFSFailure(status: 429, "").retryAfter == 1)
        #expect(LFSFailure(status: 429, "", retryAfter: 0).retryAfter == 1)
        #expect(LFSFailure(status: 429, "", retryAfter: 30).retryAfter == 30)
        #expect(LFSFailure(status: 503, "").retryAfter == nil)
    }
}
