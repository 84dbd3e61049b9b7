import LFS
import NIOCore
import Testing

struct LockTests {
    private func lock(_ path: String = "a/b.psd", id: String = "7") throws -> LFSLock {
        LFSLock(id: id, path: try #require(LockPath(path)), lockedAt: 1_714_564_800, ownerName: "ada")
    }

    private static let json = #"{"id":"7","path":"a/b.psd","locked_at":"2024-05-01T12:00:00Z","owner":{"name":"ada"}}"#

    @Test(arguments: ["a", "a/b", "a b", ".git", "..a", "a..", "a/...", "é", "-", "a\\b", "C:"])
    func takesPaths(text: String) {
        #expect(LockPath(text)?.text == text)
    }

    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/../b", "../a", "a/..", "a\0", "\0", "a\nb",
        "a\u{1b}[2J",
        "a\u{7f}",
    ])
    func refusesPaths(text: String) {
        #expect(LockPath(text) == nil)
    }

    @Test func boundsPaths() {
        #expect(LockPath(String(repeating: "a", count: 4_096)) != nil)
        #expect(LockPath(String(repeating: "a", count: 4_097)) == nil)
    }

    @Test func comparesPathsByteForByte() throws {
        let composed = try #require(LockPath("\u{e9}"))
        let decomposed = try #require(LockPath("e\u{301}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(LockPath("A") != LockPath("a"))
    }

    @Test func readsCreations() throws {
        let request = try LockRequest(body: body(#"{"path":"a/b.psd","ref":{"name":"refs/heads/x"},"z":1}"#))
        #expect(request.path.text == "a/b.psd")
        #expect(request.refName == "refs/heads/x")
        #expect(try LockRequest(body: body(#"{"path":"a","ref":null}"#)).refName == nil)
    }

    @Test(arguments: [
        ("", 400), ("{", 400), ("[]", 422), ("{}", 422), (#"{"path":""}"#, 422), (#"{"path":1}"#, 422),
        (#"{"path":"/etc/passwd"}"#, 422), (#"{"path":"a/../../b"}"#, 422), (#"{"path":"a\u0000"}"#, 422),
        (#"{"path":"\#(String(repeating: "a", count: 5_000))"}"#, 422),
        (#"{"path":"\#(String(repeating: "a", count: 70_000))"}"#, 413), (String(repeating: "[", count: 60_000), 400),
    ])
    func refusesCreations(text: String, expected: Int) {
        #expect(status { _ = try LockRequest(body: body(text)) } == expected)
    }

    @Test(arguments: [
        ("", false), ("{}", false), (#"{"force":false}"#, false), (#"{"force":null}"#, false),
        (#"{"force":true}"#, true),
    ])
    func readsUnlocks(text: String, isForced: Bool) throws {
        #expect(try UnlockRequest(body: body(text)).isForced == isForced)
    }

    @Test(arguments: [#"{"force":1}"#, #"{"force":"true"}"#, "[]", "null"])
    func refusesUnlocks(text: String) {
        #expect(status { _ = try UnlockRequest(body: body(text)) } == 422)
    }

    private func read(_ items: [(String, String)]) throws -> LockQuery {
        try LockQuery(items: items.map { (name: $0.0, value: $0.1) })
    }

    @Test func readsQueries() throws {
        let query = try read([
            ("path", "a"), ("id", "7"), ("cursor", "c=="), ("limit", "20"), ("refspec", "refs/heads/x"), ("other", "y"),
        ])
        #expect(query.path == LockPath("a"))
        #expect(query.id == "7")
        #expect(query.cursor == "c==")
        #expect(query.limit == 20)
        #expect(query.refName == "refs/heads/x")
        #expect(try read([("path", ""), ("limit", ""), ("cursor", "")]) == LockQuery())
        #expect(LockQuery().limit == 100)
        #expect(try read([("limit", "1000000")]).limit == 100)
    }

    @Test(arguments: [
        ("limit", "0", 400), ("limit", "-1", 400), ("limit", "+1", 400), ("limit", "ten", 400), ("limit", "1.5", 400),
        ("limit", "99999999999999999999", 400), ("cursor", "a b", 400), ("cursor", "\0", 400),
        ("cursor", String(repeating: "a", count: 257), 400), ("path", "../a", 422), ("id", "a b", 404),
        ("refspec", "a\nb", 422),
    ])
    func refusesQueries(name: String, value: String, expected: Int) {
        #expect(status { _ = try read([(name, value)]) } == expected)
    }

    @Test func readsVerifyRequests() throws {
        let query = try LockQuery(verifyBody: body(#"{"ref":{"name":"r"},"cursor":"c","limit":5}"#))
        #expect(query.refName == "r")
        #expect(query.cursor == "c")
        #expect(query.limit == 5)
        #expect(try LockQuery(verifyBody: body("")) == LockQuery())
        #expect(try LockQuery(verifyBody: body(#"{"ref":null,"cursor":"","limit":null}"#)) == LockQuery())
        #expect(status { _ = try LockQuery(verifyBody: body(#"{"limit":"5"}"#)) } == 400)
        #expect(status { _ = try LockQuery(verifyBody: body(#"{"limit":0}"#)) } == 400)
        #expect(status { _ = try LockQuery(verifyBody: body(#"{"cursor":5}"#)) } == 400)
    }

    @Test func writesALock() throws {
        #expect(String(buffer: try lock().body()) == #"{"lock":\#(Self.json)}"#)
        let message = #""message":"a/b.psd is already locked by ada.","request_id":"r""#
        #expect(String(buffer: try lock().conflictBody(requestID: "r")) == #"{"lock":\#(Self.json),\#(message)}"#)
    }

    @Test func writesLists() throws {
        let empty = LockPage(locks: [], nextCursor: nil)
        #expect(String(buffer: empty.listBody()) == #"{"locks":[]}"#)
        #expect(String(buffer: empty.verifyBody()) == #"{"ours":[],"theirs":[]}"#)
        let page = LockPage(locks: [.init(try lock(), isOurs: true)], nextCursor: "n")
        #expect(String(buffer: page.listBody()) == #"{"locks":[\#(Self.json)],"next_cursor":"n"}"#)
        #expect(String(buffer: page.verifyBody()) == #"{"ours":[\#(Self.json)],"theirs":[],"next_cursor":"n"}"#)
        let other = LockPage(locks: [.init(try lock(), isOurs: false)], nextCursor: nil)
        #expect(String(buffer: other.verifyBody()) == #"{"ours":[],"theirs":[\#(Self.json)]}"#)
    }
}
