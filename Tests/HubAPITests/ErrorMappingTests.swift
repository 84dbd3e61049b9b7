import Access
import HTTPTypes
import HubAPI
import HubCore
import NIOCore
import Testing

@Suite struct ErrorMappingTests {
    @Test(arguments: [
        (HubError.Kind.unauthenticated, 401),
        (.forbidden, 403),
        (.notFound, 404),
        (.conflict, 409),
        (.invalid, 400),
        (.tooLarge, 413),
        (.limited(retryAfterSeconds: 7), 429),
        (.unavailable(retryAfterSeconds: 7), 503),
        (.moved(to: RepositoryAddress(type: .dataset, namespace: "a", name: "b")), 404),
        (.internalFailure, 500),
    ])
    func givesEachKindItsStatus(kind: HubError.Kind, status: Int) {
        #expect(HTTPError(HubError(kind, "text"), requestID: "1") { _ in nil }.status.code == status)
    }

    @Test(arguments: [
        (HubError.Subject.repository, "RepoNotFound"), (.revision, "RevisionNotFound"), (.entry, "EntryNotFound"),
        (.gate, "GatedRepo"), (nil, nil),
    ])
    func tellsClientsWhatAnErrorIsAbout(subject: HubError.Subject?, code: String?) {
        for kind in [HubError.Kind.unauthenticated, .forbidden, .notFound] {
            let error = HTTPError(HubError(kind, "text", subject: subject), requestID: "1") { _ in nil }
            #expect(error.code == code)
        }
    }

    @Test func saysThatAHeadHasMoved() {
        let error = HTTPError(HubError(.conflict, "text", subject: .parentCommit), requestID: "1") { _ in nil }
        #expect(error.status.code == 412)
    }

    @Test func challengesWhoIsUnknown() {
        let error = HTTPError(HubError(.unauthenticated, "text"), requestID: "1") { _ in nil }
        #expect(error.headers[.wwwAuthenticate]?.hasPrefix("Basic realm=") == true)
    }

    @Test func saysWhenToComeBack() {
        for kind in [HubError.Kind.limited(retryAfterSeconds: 7), .unavailable(retryAfterSeconds: 7)] {
            #expect(HTTPError(HubError(kind, "text"), requestID: "1") { _ in nil }.headers[.retryAfter] == "7")
        }
    }

    @Test func redirectsWhatCanBeRepeatedElsewhere() {
        let address = RepositoryAddress(type: .dataset, namespace: "a", name: "b")
        let error = HTTPError(HubError(.moved(to: address), "text"), requestID: "1") { "/\($0.path)/info/refs" }
        #expect(error.status.code == 307)
        #expect(error.headers[.location] == "/datasets/a/b/info/refs")
    }

    @Test func keepsInternalsFromClients() throws {
        struct Secret: Error {}
        let errors: [any Error] = [HubError(.internalFailure, "secret", diagnostics: "secret"), Secret()]
        for error in errors {
            let mapped = HTTPError(error, requestID: "abc123")
            #expect(mapped.status.code == 500)
            #expect(mapped.message.contains("abc123"))
            #expect(!mapped.message.lowercased().contains("secret"))
        }
    }

    @Test(arguments: [
        (RouteError.notFound, 404, nil),
        (.badPath(.notUTF8), 400, nil),
        (.badPath(.tooLong), 414, nil),
        (.methodNotAllowed(allowed: [.get, .head]), 405, "GET, HEAD"),
    ])
    func mapsRequestsThatLeadNowhere(error: RouteError, status: Int, allow: String?) {
        #expect(HTTPError(error).status.code == status)
        #expect(HTTPError(error).headers[.allow] == allow)
    }

    @Test func saysOneLineOfPlainTextToGit() {
        let answer = HTTPError(.forbidden, "You may\nnot\u{1b}[31m.").text
        #expect(String(buffer: answer.body) == "You may not [31m.\n")
        #expect(answer.headers[.contentType] == "text/plain; charset=utf-8")
    }

    @Test func saysItInFieldsAndJSONToTheHubsClients() {
        let answer = HTTPError(.notFound, "Not\r\nthere.", code: "RepoNotFound").json()
        #expect(answer.headers[HTTPField.Name("X-Error-Code") ?? .date] == "RepoNotFound")
        #expect(answer.headers[HTTPField.Name("X-Error-Message") ?? .date] == "Not  there.")
        #expect(String(buffer: answer.body) == #"{"error":"Not  there."}"#)
    }

    @Test func namesWhatIsInTheWay() {
        let answer = HTTPError(.conflict, "Taken.").json(url: "http://h/ns/name")
        #expect(String(buffer: answer.body) == #"{"error":"Taken.","url":"http://h/ns/name"}"#)
    }
}
