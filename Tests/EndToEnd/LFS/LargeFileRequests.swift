import GranaryTesting
import Testing

@Suite("Requests about large files", .serialized, .sharedServer)
struct LargeFileRequests {
    private static let oid = String(repeating: "ab", count: 32)

    /// Checks what every refusal has to be.
    private func expectRefusal(_ answer: HTTPAnswer, _ status: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(answer.status == status, "\(answer)", sourceLocation: sourceLocation)
        #expect(answer["content-type"] == "application/vnd.git-lfs+json", "\(answer)", sourceLocation: sourceLocation)
        #expect((answer.json["message"] as? String)?.isEmpty == false, "\(answer)", sourceLocation: sourceLocation)
        #expect(answer.json["request_id"] as? String == answer["x-request-id"], sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        ("", 400), ("{", 400), ("nonsense", 400), ("[]", 422), ("7", 422), ("{}", 422),
        (#"{"operation":"steal","objects":[]}"#, 422), (#"{"operation":"upload"}"#, 422),
        (#"{"operation":"upload","objects":{}}"#, 422),
        (#"{"operation":"upload","objects":[],"hash_algo":"md5"}"#, 409),
    ])
    func senselessBatches(body: String, status: Int) async throws {
        let (story, _) = try await Story.common()
        expectRefusal(try await story.lfs("POST", "objects/batch", body), status)
    }

    @Test func deepAndLargeBodies() async throws {
        let (story, _) = try await Story.common()
        let deep = String(repeating: "[", count: 100_000)
        expectRefusal(try await story.lfs("POST", "objects/batch", #"{"operation":"upload","objects":"# + deep), 400)
        expectRefusal(try await story.lfs("POST", "objects/batch", String(repeating: " ", count: (8 << 20) + 1)), 413)
        for subpath in ["locks", "locks/verify", "locks/1/unlock"] {
            expectRefusal(try await story.lfs("POST", subpath, String(repeating: " ", count: (64 << 10) + 1)), 413)
        }
        let chunked = ["Content-Type: application/json", "Transfer-Encoding: chunked"]
        let body = String(repeating: " ", count: 100_000)
        expectRefusal(try await story.lfs("POST", "locks", body, headers: chunked), 413)
        #expect(story.server.isRunning)
    }

    @Test func aThousandObjectsAreAnsweredInTime() async throws {
        let (story, _) = try await Story.common()
        func body(_ count: Int) -> String {
            let objects = (0..<count).map { number in
                let digits = String(number, radix: 16)
                return #"{"oid":"\#(String(repeating: "0", count: 64 - digits.count) + digits)","size":\#(number)}"#
            }
            return #"{"operation":"upload","objects":[\#(objects.joined(separator: ","))]}"#
        }
        let start = ContinuousClock.now
        let answer = try await story.lfs("POST", "objects/batch", body(1_000))
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(answer.status == 200 && (answer.json["objects"] as? [Any])?.count == 1_000)
        #expect(try await story.lfs("POST", "objects/batch", body(5_000)).status == 200)
        expectRefusal(try await story.lfs("POST", "objects/batch", body(5_001)), 413)
    }

    @Test func objectsAreRefusedOneByOne() async throws {
        let (story, _) = try await Story.common()
        let objects = [
            #"{"oid":"x","size":1}"#, #"{"oid":"\#(Self.oid.uppercased())","size":1}"#,
            #"{"oid":"\#(Self.oid)","size":-1}"#,
            #"{"oid":"\#(Self.oid)","size":1.5}"#, #"{"oid":"\#(Self.oid)","size":9223372036854775808}"#,
            #"{"oid":"\#(Self.oid)"}"#, "7", "null", #"{"oid":"\#(Self.oid)","size":1,"x":{"y":[null]}}"#,
            #"{"oid":"\#(Self.oid)","size":1}"#,
        ].joined(separator: ",")
        let body = #"{"operation":"upload","transfers":["tus","x",7],"ref":null,"z":[],"objects":[\#(objects)]}"#
        let answer = try await story.lfs("POST", "objects/batch", body)
        #expect(answer.status == 200 && answer.json["transfer"] as? String == "basic", "\(answer)")
        let replies = answer.json["objects"] as? [[String: Any]] ?? []
        let codes = replies.map { ($0["error"] as? [String: Any])?["code"] as? Int }
        #expect(codes == [422, 422, 422, 422, 422, 422, 422, 422, nil, nil])
        #expect(replies.last?["authenticated"] as? Bool == true)
    }

    @Test func whoHasToLogIn() async throws {
        let (story, _) = try await Story.common()
        let body = #"{"operation":"download","objects":[]}"#
        let wrong = Person(name: "alice", secret: "gra_" + String(repeating: "A", count: 43))
        for person in [nil, wrong] {
            for (method, subpath) in [("POST", "objects/batch"), ("GET", "locks"), ("POST", "locks/verify")] {
                let answer = try await story.lfs.asking(as: person)(method, subpath, method == "POST" ? body : nil)
                expectRefusal(answer, 401)
                for name in ["lfs-authenticate", "www-authenticate"] {
                    #expect(answer[name] == #"Basic realm="Granary""#, "\(answer)")
                }
            }
        }
        var absent = story.lfs.asking(as: nil)
        absent.path = "/alice/not-there.git/info/lfs"
        expectRefusal(try await absent("POST", "objects/batch", body), 401)
    }

    @Test func readersDoNotUpload() async throws {
        let (story, _) = try await Story.common()
        let bob = try await story.server.addPerson(Story.freshName("reader"))
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "read")
        let his = story.lfs.asking(as: bob)
        #expect(try await his("POST", "objects/batch", #"{"operation":"download","objects":[]}"#).status == 200)
        #expect(try await his("GET", "locks").status == 200)
        expectRefusal(try await his("POST", "objects/batch", #"{"operation":"upload","objects":[]}"#), 403)
        expectRefusal(try await his("POST", "locks", #"{"path":"a"}"#), 403)
        expectRefusal(try await his("POST", "locks/verify", "{}"), 403)
    }

    @Test(arguments: [
        ("GET", "objects/batch", 405, "POST"), ("DELETE", "locks", 405, "GET, HEAD, POST"),
        ("POST", "objects/\(oid)", 405, "GET, HEAD, PUT"), ("GET", "", 404, nil), ("GET", "objects", 404, nil),
        ("POST", "locks/1/2/unlock", 404, nil), ("GET", "objects/\(oid)x", 404, nil),
        ("GET", "objects/%2e%2e", 400, nil),
    ])
    func otherAddressesAndMethods(method: String, subpath: String, status: Int, allow: String?) async throws {
        let (story, _) = try await Story.common()
        let answer = try await story.lfs(method, subpath)
        expectRefusal(answer, status)
        #expect(answer["allow"] == allow)
    }

    @Test(arguments: [
        ("application/vnd.git-lfs+json; charset=utf-8", 200), ("application/json", 200), ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415),
    ])
    func contentTypes(type: String, status: Int) async throws {
        let (story, _) = try await Story.common()
        let body = #"{"operation":"download","objects":[]}"#
        let headers = ["Content-Type: \(type)", "Accept: text/html, */*;q=0.1"]
        let answer = try await story.lfs("POST", "objects/batch", body, headers: headers)
        #expect(answer.status == status && answer["content-type"] == "application/vnd.git-lfs+json", "\(answer)")
    }

    @Test func linksFollowThePublicURL() async throws {
        let story = try await Story.alone(["--public-url", "https://hub.example/"])
        let body = #"{"operation":"upload","objects":[{"oid":"\#(Self.oid)","size":1}]}"#
        let headers = ["Content-Type: application/json", "Host: evil.example"]
        for path in [story.lfs.path, story.repository.path + "/info/lfs"] {
            var lfs = story.lfs
            lfs.path = path
            let answer = try await lfs("POST", "objects/batch", body, headers: headers)
            let base = "https://hub.example\(story.repository.path).git/info/lfs/objects/\(Self.oid)"
            let actions = (answer.json["objects"] as? [[String: Any]])?.first?["actions"] as? [String: [String: Any]]
            #expect((actions?["upload"]?["href"] as? String)?.hasPrefix(base + "?") == true, "\(answer)")
            #expect((actions?["verify"]?["href"] as? String)?.hasPrefix(base + "/verify?") == true, "\(answer)")
        }
        #expect(try await story.server.stop() == 0)
    }
}
