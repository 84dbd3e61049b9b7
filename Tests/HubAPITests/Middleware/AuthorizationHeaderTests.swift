import Foundation
import HTTPTypes
import HubAPI
import HubCore
import Testing

@Suite struct AuthorizationHeaderTests {
    @Test func readsBasic() throws {
        guard case .basic(let user, let secret) = try credentials(["Basic " + base64("me:a:b")]) else {
            Issue.record("not basic")
            return
        }
        #expect(user == "me")
        #expect(secret == "a:b")
    }

    @Test(arguments: ["Bearer gra_x", "bearer gra_x", "BEARER  gra_x "])
    func readsBearer(field: String) throws {
        guard case .bearer(let token) = try credentials([field]) else {
            Issue.record("not bearer")
            return
        }
        #expect(token == "gra_x")
    }

    @Test(arguments: ["RemoteAuth AbC-_1", "remoteauth AbC-_1", "REMOTEAUTH   AbC-_1  "])
    func readsWhatGitLFSAuthenticateGave(field: String) throws {
        guard case .remoteAuth(let token) = try credentials([field]) else {
            Issue.record("not a grant")
            return
        }
        #expect(token == "AbC-_1")
    }

    @Test func takesNoFieldForNoCredentials() throws {
        guard case .none = try credentials([]) else {
            Issue.record("not none")
            return
        }
    }

    @Test(arguments: [
        [""], ["Basic"], ["Basic "], ["Basic !!!"], ["Basic bm8="], ["Basic /zo="], ["Digest a=b"], ["gra_x"],
        ["RemoteAuth"], ["RemoteAuth "],
        ["Bearer a", "Bearer b"], ["Bearer " + String(repeating: "a", count: 5_000)],
    ])
    func neverTakesBadCredentialsForNone(fields: [String]) {
        #expect(throws: HubError.badCredentials) { try credentials(fields) }
    }

    private func credentials(_ fields: [String]) throws -> Credentials {
        var headers = HTTPFields()
        headers[values: .authorization] = fields
        return try Credentials(headers)
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
