import Access
import HTTPTypes
import HubAPI
import JSON
import NIOCore
import Testing

@Suite struct APIObjectTests {
    private func call(_ body: String, type: String? = "application/json", target: String = "/api/x") -> APICall {
        var headers: HTTPFields = [:]
        if let type { headers[.contentType] = type }
        let exchange = Exchange(
            id: "1",
            method: .post,
            target: target,
            headers: headers,
            body: RequestBody(bytes: ByteBuffer(string: body)),
            peerAddress: "192.0.2.1",
            isSecure: false
        )
        return APICall(
            exchange: exchange,
            actor: .anonymous,
            client: "192.0.2.1",
            base: "http://hub.example",
            template: "/api/{repoType}/{namespace}/{name}",
            parameters: ["repoType": "datasets", "namespace": "a", "name": "b"],
            jsonLimits: JSONLimits(bytes: 64)
        )
    }

    @Test func ignoresKeysItDoesNotKnowAndNull() async throws {
        let object = try await call(#"{"name":"a","count":null,"other":[1]}"#).object()
        #expect(try object.text("name") == "a")
        #expect(try object.integerIfThere("count") == nil)
    }

    @Test(arguments: [
        ("", "The request body is not valid JSON at byte 0."),
        ("{", "The request body is not valid JSON at byte 1."),
        ("[]", "The request body must be a JSON object."),
        ("{}", "The request body lacks the key 'name'."),
        (#"{"name":null}"#, "The request body lacks the key 'name'."),
        (#"{"name":1}"#, "The key 'name' must be a string."),
        (#"{"name":"a\u0000"}"#, "The key 'name' cannot contain NUL."),
        (#"{"name":"a","flag":"true"}"#, "The key 'flag' must be a boolean."),
        (#"{"name":"a","count":1.5}"#, "The key 'count' must be a whole number."),
        (#"{"name":"a","list":{}}"#, "The key 'list' must be a list."),
        (#"{"name":"a","list":["x",1]}"#, "The key 'list[1]' must be a string."),
        (#"{"name":"a","in":{"side":1}}"#, "The key 'in.side' must be a string."),
    ])
    func saysWhatIsWrong(text: String, message: String) async {
        await #expect(throws: HTTPFailure(.badRequest, message)) {
            let object = try await call(text).object()
            _ = try object.text("name")
            _ = try object.flagIfThere("flag")
            _ = try object.integerIfThere("count")
            _ = try object.texts("list")
            _ = try object.objectIfThere("in")?.textIfThere("side")
        }
    }

    @Test func stopsAtTheLimit() async {
        await #expect(throws: BodyError.tooLarge(limit: 64)) {
            _ = try await call(#"{"name":""# + String(repeating: "a", count: 64) + #""}"#).object()
        }
    }

    @Test(arguments: [nil, "text/plain", "application/x-www-form-urlencoded"])
    func takesOnlyTheTypeThatFormsCannotSend(contentType: String?) async {
        await #expect(throws: HTTPFailure.self) { _ = try await call("{}", type: contentType).object() }
    }

    @Test func linksToTheNextPageWithAllOtherItems() throws {
        let fields = call("", target: "/api/datasets/a/b?expand=x&cursor=old&search=a%20b").next(cursor: "n/1")
        let link = fields[try #require(HTTPField.Name("Link"))]
        #expect(link == #"<http://hub.example/api/datasets/a/b?expand=x&search=a%20b&cursor=n%2F1>; rel="next""#)
    }

    @Test(arguments: [("limit=5", 5), ("limit=", 7), ("", 7), ("limit=5000", 100)])
    func readsNumbersWithinTheirRange(query: String, number: Int) throws {
        #expect(try call("", target: "/api/x?\(query)").integer("limit", in: 1...100, default: 7) == number)
    }

    @Test(arguments: ["limit=x", "limit=0", "limit=-1", "limit=9223372036854775808"])
    func refusesOtherNumbers(query: String) {
        #expect(throws: HTTPFailure.self) {
            try call("", target: "/api/x?\(query)").integer("limit", in: 1...100, default: 7)
        }
    }
}
