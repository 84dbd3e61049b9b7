import GranaryTesting
import Testing

@Suite("Links to large files", .serialized, .sharedServer)
struct SignedLinks {
    /// A repository with one stored object.
    private func begin(seed: UInt64 = 5) async throws -> (story: Story, sample: ObjectSample) {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 100_000, seed: seed)
        #expect(try await story.lfs.upload(sample).status == 200)
        return (story, sample)
    }

    @Test func wrongBytesAreRefusedAndNothingIsLost() async throws {
        let (story, stored) = try await begin()
        let sample = try ObjectSample(size: 50_000, seed: 6)
        let link = try await story.lfs.link("upload", sample)
        let right = sample.array()
        let wrongs: [(name: String, bytes: [UInt8])] = [
            ("another hash", [right[0] ^ 1] + right[1...]), ("one byte short", Array(right.dropLast())),
            ("one byte long", right + [0]), ("nothing", []),
        ]
        for (name, bytes) in wrongs {
            for headers in [[], ["Transfer-Encoding: chunked"]] {
                let answer = try await story.lfs.follow("PUT", link, headers: headers, body: bytes)
                #expect(answer.status == 400 && answer.json["message"] is String, "\(name): \(answer)")
            }
            #expect(try await story.lfs.batch("download", [sample]).objects[0].error?.code == 404)
        }
        #expect(try await story.lfs.follow("PUT", link, body: right).status == 200)
        let wrong = try await story.lfs.follow("PUT", link, body: wrongs[0].bytes)
        #expect(wrong.status == 400, "\(wrong)")
        for object in [stored, sample] {
            let answer = try await story.lfs.follow("GET", story.lfs.link("download", object))
            #expect(answer.body == object.array())
        }
    }

    @Test func uploadsThatBreakOffLeaveNothing() async throws {
        let (story, _) = try await begin()
        let sample = try ObjectSample(size: 200_000, seed: 7)
        let link = try await story.lfs.link("upload", sample)
        let target = link.dropFirst(story.server.base.count)
        for count in [0, 1, 100_000, 199_999] {
            for resets in [true, false] {
                let connection = try RawConnection(port: story.server.httpPort)
                let head = "PUT \(target) HTTP/1.1\r\nHost: x\r\nContent-Length: \(sample.size)\r\n\r\n"
                try await connection.send(Array(head.utf8) + sample.array(0..<Int64(count)))
                try await Task.sleep(for: .milliseconds(50))
                if resets { connection.reset() } else { connection.close() }
            }
        }
        #expect(try await story.lfs.batch("download", [sample]).objects[0].error?.code == 404)
        let clean = try await eventually(within: .seconds(10)) { story.server.temporaries.isEmpty }
        #expect(clean, "left behind: \(story.server.temporaries)")
        #expect(try await story.lfs.follow("PUT", link, body: sample.array()).status == 200)
    }

    /// The answer comes although the client is still sending, and is seen.
    @Test func aRefusedUploadIsToldWhy() async throws {
        let (story, sample) = try await begin()
        let link = try await story.lfs.link("download", sample)
        for size in [20 << 20, 40 << 20] {
            let answer = try await story.lfs.follow("PUT", link, body: Array(repeating: 1, count: size))
            #expect(answer.status == 403 && answer.json["message"] is String, "\(answer)")
        }
    }

    @Test func everyChangeOfALinkIsRefused() async throws {
        let (story, sample) = try await begin()
        let other = try await begin(seed: 8)
        let absent = try ObjectSample(size: 100_000, seed: 9)
        let download = try await story.lfs.link("download", sample)
        let upload = try await story.lfs.link("upload", absent)
        let changes: [(name: String, method: String, link: String)] = [
            ("another object", "GET", download.replacing(sample.oid, with: other.sample.oid)),
            ("another repository", "GET", download.replacing(story.repository.path, with: other.story.repository.path)),
            ("a later end", "GET", download.replacing("expires=1", with: "expires=2")),
            ("another verb", "GET", download.replacing("verb=download", with: "verb=upload")),
            ("another size", "PUT", upload.replacing("size=100000", with: "size=100001")),
            ("an unknown item", "GET", download + "&x=1"),
            ("an item twice", "GET", download + "&size=100000"),
            ("no signature", "GET", download.replacing(/&signature=.*/, with: "")),
            ("a cut signature", "GET", String(download.dropLast(4))),
            ("an empty query", "PUT", String(upload.prefix { $0 != "?" })),
            ("an upload for a download", "GET", upload),
            ("a download for an upload", "PUT", download),
            ("a verification for an upload", "PUT", upload.replacing("verb=upload", with: "verb=verify")),
        ]
        for change in changes {
            let body = change.method == "PUT" ? absent.array() : nil
            let answer = try await story.lfs.follow(change.method, change.link, body: body)
            #expect(answer.status == 403, "\(change.name): \(answer)")
            #expect(answer["content-type"] == "application/vnd.git-lfs+json" && answer.json["message"] is String)
        }
        // The last digits of the signature one by one.
        for index in 1...8 {
            var text = Array(download.utf8)
            text[text.count - index] =
                text[text.count - index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let answer = try await story.lfs.follow("GET", String(decoding: text, as: UTF8.self))
            #expect(answer.status == 403, "\(answer)")
        }
        #expect(try await story.lfs.follow("GET", download).status == 200)
    }

    @Test func aLinkIsNoUseAfterItsRightWasTakenAway() async throws {
        let (story, sample) = try await begin()
        let bob = try await story.server.addPerson(Story.freshName("bob"))
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "write")
        let his = story.lfs.asking(as: bob)
        let absent = try ObjectSample(size: 10, seed: 10)
        let (download, upload) = try await (his.link("download", sample), his.link("upload", absent))
        #expect(try await his.follow("GET", download).status == 200)
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "none")
        #expect(try await his.follow("GET", download).status == 403)
        #expect(try await his.follow("PUT", upload, body: absent.array()).status == 403)
    }

    @Test func whatOneRepositoryHasIsNotThereForAnother() async throws {
        let (story, sample) = try await begin()
        let eve = try await story.server.addPerson(Story.freshName("eve"))
        let repository = try await story.server.addRepository("model", eve.name, "probe")
        let probe = LFSAPI(story.server, repository, as: eve)
        let nobody = try ObjectSample(size: sample.size, seed: 11)
        let replies = try await probe.batch("download", [sample, nobody]).objects
        #expect(replies.map { $0.error?.code } == [404, 404] && replies[0].error?.message == replies[1].error?.message)
        // An upload asks for the bytes of both alike, and a verification without them fails.
        let verify = try await probe.link("upload", sample, "verify")
        let body = Array(#"{"oid":"\#(sample.oid)","size":\#(sample.size)}"#.utf8)
        #expect(try await probe.follow("POST", verify, body: body).status == 404)
        let wrong = try await probe.follow("PUT", probe.link("upload", sample), body: nobody.array())
        #expect(wrong.status == 400, "\(wrong)")
        #expect(try await probe.batch("download", [sample]).objects[0].error?.code == 404)
        let get = try await probe("GET", "objects/\(sample.oid)")
        #expect(get.status == 404, "\(get)")
        // In the repository of somebody else, and in one that is not there, all is the same.
        for path in [story.repository.path, "/alice/not-there"] {
            var stranger = probe
            stranger.path = path + ".git/info/lfs"
            let answer = try await stranger("POST", "objects/batch", #"{"operation":"download","objects":[]}"#)
            #expect(answer.status == 404, "\(answer)")
            #expect(try await stranger("GET", "objects/\(sample.oid)").status == 404)
        }
    }

    @Test func eightClientsSendTheSameObject() async throws {
        let (story, _) = try await begin()
        let sample = try ObjectSample(size: 5_000_000, seed: 12)
        let lfs = story.lfs
        let links = try await (0..<8).asyncMap { _ in try await lfs.link("upload", sample) }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for (index, link) in links.enumerated() {
                var bytes = sample.array()
                // Two of them send something else.
                if index >= 6 { bytes[index] ^= 1 }
                let sent = bytes
                group.addTask { try await lfs.follow("PUT", link, body: sent).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
        #expect(statuses == [200, 200, 200, 200, 200, 200, 400, 400])
        let answer = try await lfs.follow("GET", lfs.link("download", sample))
        #expect(answer.body == sample.array())
        #expect(try await lfs.batch("upload", [sample]).objects[0].actions == nil)
    }

    @Test func anExpiredLinkIsRefused() async throws {
        let story = try await Story.alone(["--set", "lfs-action-seconds=6"])
        let (stored, absent) = (try ObjectSample(size: 1_000, seed: 13), try ObjectSample(size: 400_000, seed: 14))
        #expect(try await story.lfs.upload(stored).status == 200)
        let reply = try await story.lfs.batch("upload", [absent])
        let link = try #require(reply.objects[0].actions?["upload"])
        #expect(link.expires_in == 6)
        let download = try await story.lfs.link("download", stored)
        // A transfer that began in time goes on.
        let running = try RawConnection(port: story.server.httpPort)
        let target = link.href.dropFirst(story.server.base.count)
        let head = "PUT \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(absent.size)\r\n\r\n"
        try await running.send(Array(head.utf8) + absent.array(0..<200_000))
        try await Task.sleep(for: .seconds(7))
        #expect(try await story.lfs.follow("GET", download).status == 403)
        #expect(try await story.lfs.follow("PUT", link.href, body: absent.array()).status == 403)
        try await running.send(absent.array(200_000..<400_000))
        let (bytes, _) = try await running.receive()
        #expect(HTTPAnswer(reading: bytes).status == 200)
        // The client asks for new links before the old ones end.
        let work = try await story.largeFileWork()
        try work.write("a.bin", Array("a".utf8))
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")
        #expect(try await story.server.stop() == 0)
    }

    @Test func noCredentialIsLogged() async throws {
        let (story, sample) = try await begin()
        let link = try await story.lfs.link("download", sample)
        _ = try await story.lfs.follow("GET", link)
        _ = try await story.lfs.follow("GET", link.dropLast() + "!")
        let signature = try #require(link.split(separator: "=").last)
        #expect(!story.server.log.contains(signature) && !story.server.log.contains("signature="))
        #expect(!story.server.log.contains(story.owner.secret))
        #expect(story.loggedTransfers("download") == 2)
    }
}

extension Range<Int> {
    /// `map`, one after the other.
    fileprivate func asyncMap<Value>(_ transform: (Int) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for index in self { values.append(try await transform(index)) }
        return values
    }
}
