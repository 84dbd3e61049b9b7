import GitCore
import LFS
import NIOCore
import ObjectStore
import Testing

struct TransferServerTests {
    private static let quit = ["quit", "0000"]
    private static let ok = ["status 200", "0000"]

    /// An error as the client wants it: with a delimiter before the message.
    private func isError(_ lines: [String], _ status: Int) -> Bool {
        lines.count == 4 && lines[0] == "status \(status)" && lines[1] == "0001" && lines[3] == "0000"
    }

    @Test func greetsAndQuits() async throws {
        let sink = RecordingSink()
        let input = Pieces(packets(["version 1", "0000", "quit", "0000", "batch", "0000"]), piecesOf: 1)
        try await TransferServer(operation: .upload, backend: try MemoryBackend(), input: input, sink: sink).serve()
        #expect(try script(sink.all) == ["version=1", "locking", "0000"] + Self.ok + Self.ok)
    }

    @Test(arguments: [1, 3, 7, 1_000])
    func uploads(pieces: Int) async throws {
        let backend = try MemoryBackend(["there"])
        let there = try #require(backend.anyKey)
        let answers = try await converse(
            [
                "batch", "transfer=ssh", "hash-algo=sha256", "refname=refs/heads/main", "unknown=1", "0001",
                "\(there) 5", "\(abcHex) 3 extra=1", "0000",
                "put-object \(abcHex)", "size=3", "0001", "a", "0000",
                "put-object \(abcHex)", "size=3", "0001", "0000",
                "quit", "0000",
            ],
            .upload,
            backend,
            pieces: pieces
        )
        #expect(
            Array(answers.prefix(6)) == [
                "status 200", "hash-algo=sha256", "0001", "\(there) 5 noop", "\(abcHex) 3 upload", "0000",
            ]
        )
        #expect(isError(Array(answers[6..<10]), 400))
        #expect(isError(Array(answers[10..<14]), 400))
        #expect(Array(answers[14...]) == Self.ok)
        #expect(backend.now.refNames == ["refs/heads/main"])
    }

    @Test func storesDataThatComesInSeveralPackets() async throws {
        let backend = try MemoryBackend()
        var bytes = packets(["version 1", "0000", "put-object \(abcHex)", "size=3", "id=x", "token=y", "0001"])
        bytes.writePktLine(bytes: Array("ab".utf8))
        bytes.writeString("0004")
        bytes.writePktLine(bytes: Array("c".utf8))
        bytes.writeImmutableBuffer(packets(["0000", "verify-object \(abcHex)", "size=3", "0000"]))
        bytes.writeImmutableBuffer(packets(["verify-object \(abcHex) 3", "0000", "verify-object \(abcHex) 4", "0000"]))
        bytes.writeImmutableBuffer(packets(["verify-object \(emptyHex) 0", "0000"]))
        let sink = RecordingSink()
        let input = Pieces(bytes, piecesOf: 5)
        try await TransferServer(operation: .upload, backend: backend, input: input, sink: sink).serve()
        let answers = Array(try script(sink.all).dropFirst(5))
        #expect(Array(answers.prefix(6)) == Self.ok + Self.ok + Self.ok)
        #expect(isError(Array(answers[6..<10]), 409))
        #expect(isError(Array(answers[10...]), 404))
        #expect(backend.now.objects.count == 1)
    }

    @Test func uploadsTheEmptyObject() async throws {
        let answers = try await converse(
            ["put-object \(emptyHex)", "size=0", "0001", "0000", "verify-object \(emptyHex)", "size=0", "0000"],
            .upload,
            try MemoryBackend()
        )
        #expect(answers == Self.ok + Self.ok)
    }

    @Test func downloads() async throws {
        let answers = try await converse(
            ["batch", "0001", "\(abcHex) 3", "0000", "get-object \(abcHex)", "size=3", "0000"] + Self.quit,
            .download,
            try MemoryBackend(["abc"])
        )
        #expect(
            answers == [
                "status 200", "hash-algo=sha256", "0001", "\(abcHex) 3 noop", "0000", "status 200", "size=3", "0001",
                "[abc]",
                "0000",
            ] + Self.ok
        )
    }

    @Test func tellsWhatCannotBeDownloaded() async throws {
        let answers = try await converse(
            ["get-object \(abcHex)", "0000", "get-object", "0000", "get-object ../../x", "0000"],
            .download,
            try MemoryBackend()
        )
        #expect(Array(answers.prefix(4)) == ["status 404", "0001", "No such object.", "0000"])
        #expect(isError(Array(answers[4..<8]), 400))
        #expect(isError(Array(answers[8...]), 400))
    }

    @Test func cutsLargeObjectsIntoPackets() async throws {
        let text = String(repeating: "x", count: 200_000)
        let backend = try MemoryBackend([text])
        let oid = try #require(backend.anyKey)
        let sink = RecordingSink()
        let input = Pieces(packets(["version 1", "0000", "get-object \(oid)", "0000"]), piecesOf: 1_000)
        try await TransferServer(operation: .download, backend: backend, input: input, sink: sink).serve()
        let data = try script(sink.all).filter { $0.hasPrefix("[") }.map { $0.dropFirst().dropLast() }
        #expect(data.joined() == text)
        #expect(sink.largestWrite == 65_519)
    }

    @Test func sendsEmptyObjects() async throws {
        let answers = try await converse(["get-object \(emptyHex)", "0000"], .download, try MemoryBackend([""]))
        #expect(answers == ["status 200", "size=0", "0001", "0000"])
    }

    @Test(arguments: [Int64(2), 4])
    func neverLetsAWrongLengthPassForAnObject(announced: Int64) async throws {
        let backend = try MemoryBackend(["abc"]) { $0.announcedSize = announced }
        await #expect(throws: TransferFault.wrongLength(announced: announced)) {
            try await converse(["get-object \(abcHex)", "0000"] + Self.quit, .download, backend)
        }
    }

    @Test func refusalsInTheMiddleOfAnObjectEndTheConversation() async throws {
        let failure = LFSFailure(status: 503, "The store is gone.")
        let backend = try MemoryBackend(["abc"]) { $0.readingError = failure }
        await #expect(throws: TransferFault.interrupted(failure)) {
            try await converse(["get-object \(abcHex)", "0000"], .download, backend)
        }
    }

    @Test func locks() async throws {
        let backend = try MemoryBackend()
        let lock = ["id=1", "path=a b/ü", "locked-at=2024-05-01T12:00:00Z", "ownername=ada lovelace"]
        let answers = try await converse(
            [
                "lock", "path=a b/ü", "refname=refs/heads/x", "0001", "0000", "lock", "path=a b/ü", "0000",
                "list-locks", "0000",
                "list-lock", "limit=1", "0000", "unlock 1", "refname=refs/heads/x", "0000", "unlock 1", "0000",
            ],
            .upload,
            backend
        )
        let listed = [
            "status 200", "0001", "lock 1", "path 1 a b/ü", "locked-at 1 2024-05-01T12:00:00Z",
            "ownername 1 ada lovelace", "owner 1 ours", "0000",
        ]
        #expect(
            answers == ["status 201"] + lock + ["0000"]
                + ["status 409"] + lock + ["0001", "a b/ü is already locked by ada lovelace.", "0000"]
                + listed + listed
                + ["status 200"] + lock + ["0000"] + ["status 404", "0001", "No such lock.", "0000"]
        )
        #expect(backend.now.refNames == ["refs/heads/x"])
    }

    @Test func pagesLocks() async throws {
        let path = try #require(LockPath("p"))
        let backend = try MemoryBackend { state in
            state.locks = ["1", "2"].map { id in
                LockPage.Held(LFSLock(id: id, path: path, lockedAt: 0, ownerName: "o"), isOurs: false)
            }
        }
        let script = ["list-lock", "limit=1", "0000", "list-lock", "limit=1", "cursor=1", "path=", "0000"]
        let reading = try await converse(script, .download, backend)
        func lock(_ id: String) -> [String] {
            ["lock \(id)", "path \(id) p", "locked-at \(id) 1970-01-01T00:00:00Z", "ownername \(id) o"]
        }
        #expect(
            reading == ["status 200", "next-cursor=1", "0001"] + lock("1") + ["0000"]
                + ["status 200", "0001"] + lock("2") + ["0000"]
        )
        #expect(try await converse(script, .upload, backend).contains("owner 2 theirs"))
    }

    @Test func forcesOnlyWhenAsked() async throws {
        let path = try #require(LockPath("p"))
        let backend = try MemoryBackend {
            $0.locks = [.init(LFSLock(id: "1", path: path, lockedAt: 0, ownerName: "o"), isOurs: false)]
        }
        #expect(isError(try await converse(["unlock 1", "0000"], .upload, backend), 403))
        #expect(isError(try await converse(["unlock 1", "force=1", "0000"], .upload, backend), 403))
        #expect(try await converse(["unlock 1", "force=true", "0000"], .upload, backend).first == "status 200")
    }

    private static let misuse: [([String], Int)] = [
        (["nonsense"], 400), (["BATCH"], 400), ([""], 400), (["quits"], 400), (["version 2"], 400), (["version"], 400),
        (["put-object"], 400), (["put-object \(abcHex)"], 400), (["put-object \(abcHex)", "size=3"], 400),
        (["put-object \(abcHex)", "size=3", "0001", "abcd"], 400),
        (["put-object \(abcHex)", "size=-1", "0001", "abc"], 400),
        (["put-object \(abcHex.uppercased())", "size=3", "0001", "abc"], 400),
        (["put-object \(abcHex)", "size=9223372036854775808", "0001", "x"], 400),
        (["verify-object \(abcHex)"], 400), (["verify-object \(abcHex)", "size=x"], 400),
        (["get-object \(abcHex)"], 403), (["lock"], 422), (["lock", "path="], 422), (["lock", "path=../x"], 422),
        (["lock", "path=/x", "0001", "more"], 422), (["unlock"], 404), (["unlock a b"], 404), (["unlock 9"], 404),
        (["list-lock", "limit=0"], 400), (["list-lock", "limit=x"], 400), (["list-lock", "cursor=a b"], 400),
        (["batch", "hash-algo=sha1", "0001", "\(abcHex) 3"], 409), (["batch", "0001", "x"], 422),
        (["batch", "0001", "\(abcHex) -3"], 422), (["batch", "0001", "\(abcHex)"], 422),
        (["batch", "0001", "\(abcHex) 3", "x 3", "\(abcHex) 3"], 422), (["batch", "refname=a\u{7}"], 422),
        (["version 1"] + Array(repeating: "a=b", count: 33), 400),
        (["version 1", String(repeating: "a", count: 8_193)], 400),
        ([String(repeating: "a", count: 60_000)], 400), (["0001", "x", "0001"], 400),
    ]

    @Test(arguments: misuse)
    func answersMisuseAndGoesOn(command: [String], status: Int) async throws {
        let answers = try await converse(command + ["0000"] + Self.quit, .upload, try MemoryBackend())
        #expect(isError(Array(answers.dropLast(2)), status))
        #expect(Array(answers.suffix(2)) == Self.ok)
    }

    @Test(arguments: ["put-object \(abcHex)", "verify-object \(abcHex)", "lock", "unlock 1"])
    func readersMayNotWrite(command: String) async throws {
        let script = [command, "size=3", "path=a", "0001", "abc", "0000"]
        let answers = try await converse(script + Self.quit, .download, try MemoryBackend(["abc"]))
        #expect(isError(Array(answers.dropLast(2)), 403))
    }

    @Test func wantsTheVersionFirst() async throws {
        let sink = RecordingSink()
        let input = Pieces(packets(["batch", "0001", "x", "0000", "version 1", "0000", "batch", "0000"]), piecesOf: 9)
        try await TransferServer(operation: .download, backend: try MemoryBackend(), input: input, sink: sink).serve()
        let answers = Array(try script(sink.all).dropFirst(3))
        #expect(isError(Array(answers.prefix(4)), 400))
        #expect(Array(answers[4...]) == Self.ok + ["status 200", "hash-algo=sha256", "0001", "0000"])
    }

    @Test func boundsTheBatch() async throws {
        var limits = TransferLimits()
        limits.objects = 2
        let line = "\(abcHex) 3"
        let two = try await converse(
            ["batch", "0001", line, line, "0000"],
            .upload,
            try MemoryBackend(),
            limits: limits
        )
        #expect(two.first == "status 200")
        let script = ["batch", "0001", line, line, line, line, "0000"] + Self.quit
        let four = try await converse(script, .upload, try MemoryBackend(), limits: limits)
        #expect(isError(Array(four.dropLast(2)), 413))
    }

    @Test func backendsRefusalsAreTheClientsAnswers() async throws {
        let backend = try MemoryBackend(["abc"]) { $0.refusal = LFSFailure(status: 507, "Over\u{1b}[31m the quota.") }
        let commands = [
            ["batch", "0001", "\(abcHex) 3", "0000"], ["put-object \(abcHex)", "size=3", "0001", "abc", "abc", "0000"],
            ["verify-object \(abcHex) 3", "0000"], ["lock", "path=a", "0000"], ["list-lock", "0000"],
            ["unlock 1", "0000"],
        ]
        let answers = try await converse(commands.flatMap { $0 } + Self.quit, .upload, backend)
        let refusal = ["status 507", "0001", "Over[31m the quota.", "0000"]
        #expect(answers == Array(repeating: refusal, count: 6).flatMap { $0 } + Self.ok)
    }

    @Test func refusedDataIsBounded() async throws {
        var limits = TransferLimits()
        limits.discardedBytes = 100
        let script =
            ["put-object x", "0001"] + Array(repeating: String(repeating: "a", count: 40), count: 3) + ["0000"]
        await #expect(throws: TransferError.endless) {
            try await converse(script, .upload, try MemoryBackend(), limits: limits)
        }
    }

    @Test(arguments: [["batch"], ["put-object \(abcHex)", "size=3", "0001", "ab"], ["nonsense", "0001"]])
    func noticesAHangUpInsideACommand(script: [String]) async throws {
        await #expect(throws: TransferError.truncated) { try await converse(script, .upload, try MemoryBackend()) }
    }

    @Test(arguments: ["zzzz", "0003", "fff5", "12"])
    func endsAtBytesThatAreNoPackets(bytes: String) async throws {
        let sink = RecordingSink()
        let input = Pieces([packets(["version 1", "0000"]), ByteBuffer(string: bytes)])
        let server = TransferServer(operation: .upload, backend: try MemoryBackend(), input: input, sink: sink)
        await #expect(throws: TransferError.self) { try await server.serve() }
        let isTold = try script(sink.all).contains("status 400")
        #expect(isTold == (bytes != "12"))
    }

    @Test func errorsOfTheSourceEndTheConversation() async throws {
        struct Gone: Error {}
        let start = packets(["version 1", "0000", "put-object \(abcHex)", "size=3", "0001", "ab"])
        let input = Pieces([start], thenThrowing: Gone())
        let server = TransferServer(
            operation: .upload,
            backend: try MemoryBackend(),
            input: input,
            sink: RecordingSink()
        )
        await #expect(throws: Gone.self) { try await server.serve() }
    }
}
