import LFS
import NIOCore
import ObjectStore
import Testing

struct BatchRequestTests {
    private func request(_ members: String, objects: String = "[]") throws -> BatchRequest {
        try BatchRequest(body: body(#"{"operation":"upload","objects":\#(objects)\#(members)}"#))
    }

    @Test func readsWhatClientsSend() throws {
        let text = """
            {"operation":"download","transfers":["lfs-standalone-file","basic","ssh"],"ref":{"name":"refs/heads/main"},
            "objects":[{"oid":"\(abcHex)","size":3,"extra":{"a":[1.5]}}],"hash_algo":"sha256","is_unknown":[{}]}
            """
        let request = try BatchRequest(body: body(text))
        #expect(request.operation == .download)
        #expect(request.transfers == ["lfs-standalone-file", "basic", "ssh"])
        #expect(request.refName == "refs/heads/main")
        #expect(request.entries == [.object(try object())])
    }

    @Test(arguments: [
        "", #","ref":null"#, #","ref":{}"#, #","ref":{"name":null}"#, #","ref":{"name":""}"#, #","ref":[]"#,
        #","transfers":null,"hash_algo":null"#, #","transfers":{}"#, #","transfers":[]"#, #","transfers":[1,null]"#,
    ])
    func isLenientAboutWhatMayBeAbsent(members: String) throws {
        let request = try request(members)
        #expect(request.refName == nil)
        #expect(request.transfers.isEmpty)
    }

    @Test(arguments: [
        ("", 400), ("{", 400), ("\0", 400), (String(repeating: "[", count: 100_000), 400),
        (String(repeating: #"{"a":"#, count: 100_000), 400), (#"{"operation":"\#u{0}"}"#, 400),
        ("[]", 422), ("null", 422), ("{}", 422), (#"{"operation":"delete","objects":[]}"#, 422),
        (#"{"operation":1,"objects":[]}"#, 422), (#"{"operation":"Upload","objects":[]}"#, 422),
        (#"{"operation":"upload"}"#, 422), (#"{"operation":"upload","objects":{}}"#, 422),
        (#"{"operation":"upload","objects":null}"#, 422),
        (#"{"operation":"upload","objects":[],"hash_algo":"sha512"}"#, 409),
        (#"{"operation":"upload","objects":[],"hash_algo":""}"#, 409),
        (#"{"operation":"upload","objects":[],"hash_algo":256}"#, 422),
        (#"{"operation":"upload","objects":[],"ref":{"name":"a\u0000b"}}"#, 422),
        (#"{"operation":"upload","objects":[],"ref":{"name":"\#(String(repeating: "a", count: 1_025))"}}"#, 422),
    ])
    func refusesAsAWhole(text: String, expected: Int) {
        #expect(status { _ = try BatchRequest(body: body(text)) } == expected)
    }

    @Test(arguments: [
        #"{}"#, #"{"oid":"\#(abcHex)"}"#, #"{"size":3}"#, #"{"oid":"\#(abcHex)","size":-1}"#,
        #"{"oid":"\#(abcHex)","size":3.0}"#, #"{"oid":"\#(abcHex)","size":"3"}"#, #"{"oid":"\#(abcHex)","size":null}"#,
        #"{"oid":"\#(abcHex)","size":9223372036854775808}"#, #"{"oid":"\#(abcHex)","size":1e2}"#,
        #"{"oid":"\#(abcHex.uppercased())","size":3}"#, #"{"oid":"../../etc/passwd","size":3}"#,
        #"{"oid":"\#(abcHex)0","size":3}"#, #"{"oid":"","size":3}"#, #"{"oid":5,"size":3}"#, "5", "null", "[]", #""x""#,
    ])
    func answersAnImpossibleObjectBesideTheOthers(entry: String) throws {
        let request = try request("", objects: #"[\#(entry),{"oid":"\#(abcHex)","size":3}]"#)
        #expect(request.entries.last == .object(try object()))
        guard case .invalid(let answer) = request.entries.first, case .error(let code, _) = answer.outcome else {
            Issue.record("not refused")
            return
        }
        #expect(code == 422)
    }

    @Test func sendsAnOidBackAsItCame() throws {
        let long = String(repeating: "f", count: 200)
        let request = try request("", objects: #"[{"oid":"short","size":7},{"oid":"\#(long)","size":7}]"#)
        let sent = request.entries.map { entry in
            if case .invalid(let answer) = entry { "\(answer.oid) \(answer.size)" } else { "" }
        }
        #expect(sent == ["short 7", " 7"])
    }

    @Test func allowsDuplicates() throws {
        let entry = #"{"oid":"\#(abcHex)","size":3}"#
        #expect(try request("", objects: "[\(entry),\(entry)]").entries.count == 2)
    }

    @Test func boundsTheNumberOfObjects() throws {
        let entry = #"{"oid":"\#(abcHex)","size":3}"#
        let most = Array(repeating: entry, count: 5_000).joined(separator: ",")
        #expect(try request("", objects: "[\(most)]").entries.count == 5_000)
        #expect(status { _ = try request("", objects: "[\(most),\(entry)]") } == 413)
        #expect(status { _ = try request("", objects: "[\(String(repeating: "0,", count: 200_000))0]") } == 413)
    }

    @Test func boundsTheBody() {
        #expect(status { _ = try BatchRequest(body: ByteBuffer(repeating: 0x20, count: 8 << 20)) } == 400)
        #expect(status { _ = try BatchRequest(body: ByteBuffer(repeating: 0x20, count: 8 << 20 + 1)) } == 413)
    }

    @Test(
        arguments: [
            ([], [.multipart, .basic], .basic), (["basic"], [.multipart, .basic], .basic),
            (["basic", "multipart", "xet"], [.multipart, .basic], .multipart),
            (["basic", "multipart"], [.basic], .basic),
            (["tus", "lfs-standalone-file"], [.multipart, .basic], .basic),
            (["ssh", "basic"], [.basic], .basic), (["BASIC", "Multipart"], [.multipart], .basic), ([], [], .basic),
        ] as [([String], [TransferAdapter], TransferAdapter)]
    )
    func choosesTheBestAdapterThatTheClientKnows(asked: [String], offered: [TransferAdapter], chosen: TransferAdapter) {
        #expect(TransferAdapter.choose(asked: asked, offered: offered) == chosen)
    }
}
