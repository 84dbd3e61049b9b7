import HTTPTypes
import HubAPI
import NIOCore
import Testing

@Suite struct JSONBodyTests {
    private struct Value: Decodable, Equatable {
        let name: String
        let count: Int?
        let flag: Bool?
    }

    @Test func ignoresKeysItDoesNotKnow() async throws {
        let value: Value = try await decode(#"{"name":"a","count":null,"other":[1]}"#)
        #expect(value == Value(name: "a", count: nil, flag: nil))
    }

    @Test(arguments: [
        ("", "The request body is not valid JSON."),
        ("{", "The request body is not valid JSON."),
        ("[]", "The request body must be a JSON object."),
        ("{}", "The request body lacks the key 'name'."),
        (#"{"name":null}"#, "The key 'name' cannot be null."),
        (#"{"name":1}"#, "The key 'name' must be a string."),
        (#"{"name":"a","flag":"true"}"#, "The key 'flag' must be a boolean."),
        (#"{"name":"a","count":"1"}"#, "The key 'count' must be a number."),
    ])
    func saysWhatIsWrong(text: String, message: String) async {
        await #expect(throws: HTTPFailure(.badRequest, message)) {
            let _: Value = try await decode(text)
        }
    }

    @Test func stopsAtTheLimit() async {
        await #expect(throws: BodyError.tooLarge(limit: 64)) {
            let _: Value = try await decode(#"{"name":""# + String(repeating: "a", count: 64) + #""}"#)
        }
    }

    private func decode<Decoded: Decodable>(_ text: String) async throws -> Decoded {
        try await JSONBody.decode(
            from: RequestBody(bytes: ByteBuffer(string: text)),
            contentType: "application/json",
            limit: 64
        )
    }

    @Test(arguments: [nil, "text/plain", "application/x-www-form-urlencoded"])
    func takesOnlyTheTypeThatFormsCannotSend(contentType: String?) async throws {
        let body = RequestBody(bytes: ByteBuffer(string: "{}"))
        await #expect(throws: HTTPFailure.self) {
            let _: [String: String] = try await JSONBody.decode(from: body, contentType: contentType, limit: 64)
        }
    }
}
