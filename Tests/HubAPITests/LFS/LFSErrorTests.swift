import HTTPTypes
import HubAPI
import HubCore
import LFS
import NIOCore
import Testing

@Suite struct LFSErrorTests {
    private func answer(_ error: any Error) -> Answer { HTTPError(error, requestID: "abc").lfs(requestID: "abc") }

    private func field(_ name: String, _ answer: Answer) -> String? {
        HTTPField.Name(name).flatMap { answer.headers[$0] }
    }

    @Test(arguments: [
        (RouteError.notFound as any Error, 404), (RouteError.methodNotAllowed(allowed: [.post]), 405),
        (HubError(.forbidden, "text"), 403), (HubError(.limited(retryAfterSeconds: 7), "text"), 429),
        (LFSFailure(status: 507, "text"), 507), (RequestBodyError.truncated, 400), (CancellationError(), 500),
    ])
    func saysEverythingInTheFormOfLFS(error: any Error, status: Int) {
        let answer = answer(error)
        #expect(answer.status.code == status)
        #expect(answer.headers[.contentType] == "application/vnd.git-lfs+json")
        let text = String(buffer: answer.body)
        #expect(text.hasPrefix(#"{"message":""#) && text.contains(#""request_id":"abc""#), "\(text)")
    }

    @Test func asksForALoginInBothFields() {
        let answer = answer(HubError.badCredentials)
        #expect(answer.status == .unauthorized)
        #expect(field("LFS-Authenticate", answer) == #"Basic realm="Granary""#)
        #expect(field("WWW-Authenticate", answer) == #"Basic realm="Granary""#)
    }

    @Test(arguments: [
        HubError(.limited(retryAfterSeconds: 0), "text") as any Error, LFSFailure(status: 429, "text"),
        HTTPFailure(.tooManyRequests, "text"),
    ])
    func alwaysSaysWhenToComeBack(error: any Error) {
        #expect(answer(error).headers[.retryAfter] == "1")
    }

    @Test func namesTheMethods() {
        #expect(answer(RouteError.methodNotAllowed(allowed: [.get, .put])).headers[.allow] == "GET, PUT")
    }
}
