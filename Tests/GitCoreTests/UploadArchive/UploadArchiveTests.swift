import GitCore
import GranaryTesting
import NIOCore
import Testing

@Suite struct UploadArchiveTests {
    private static func long(_ count: Int, _ letter: String = "n") -> String {
        String(repeating: letter, count: count)
    }

    /// Names, modes and sizes that a tar stores in special ways.
    private static var oddTree: ImportStream {
        var stream = ImportStream()
        stream.commit()
        stream.add("plain.txt")
        stream.add("empty", "")
        stream.add("run.sh", "#!/bin/sh\n", mode: "100755")
        stream.add("link", "plain.txt", mode: "120000")
        stream.add("long-link", long(140, "t/"), mode: "120000")
        stream.add("exact-link", long(100, "t"), mode: "120000")
        stream.add("sub/module", mode: "160000")
        stream.add("module", mode: "160000")
        stream.add("sub/deep/er/file", long(5_000, "line\n"))
        stream.add("sub/deep.txt")
        stream.add("block", long(512))
        stream.add("text", (0..<9_000).map { "line \($0)\n" }.joined())
        stream.add("\"with space \\303\\244\\n\\\"\"")
        stream.add("\"bytes-\\377\\200\"")
        stream.add("*star[1]?.c")
        stream.add("src/a.c")
        stream.add("src/b.h")
        stream.add("src/more/c.c")
        stream.add(long(99))
        stream.add(long(100, "m"))
        stream.add(long(101, "o"))
        stream.add("d/" + long(101, "p"))
        stream.add(long(60, "q") + "/" + long(60, "r"))
        stream.add(long(154, "s") + "/" + long(100, "t"))
        stream.add(long(155, "u") + "/" + long(100, "v"))
        stream.add(long(156, "w") + "/" + long(20, "x"))
        stream.add((0..<9).map { long(50, "\($0)") }.joined(separator: "/"), long(3_000))
        stream.add(long(90, "y") + "/" + long(98, "z") + "/f", mode: "160000")
        stream.commit(to: "refs/heads/side", time: 1_600_000_000)
        stream.add("only")
        stream.tag("v1", "refs/heads/main")
        return stream
    }

    private static let requests: [[String]] = [
        ["HEAD"], ["main"], ["refs/heads/main"], ["side"], ["v1"], ["tags/v1"], ["--format=tar", "main"],
        ["--prefix=p/", "main"], ["--prefix=p///", "main"], ["--prefix=p", "main"],
        ["--prefix=" + long(120, "a") + "/" + long(90, "b") + "/", "main"], ["--prefix=/", "main"],
        ["main", "plain.txt"], ["main", "sub"], ["main", "sub/"], ["main", "sub/deep/er/file", "link"],
        ["main", "--", "module/"], ["main", "."], ["main", "./sub/../src//a.c"], ["main", "*.c"], ["main", "src/*.c"],
        ["main", "s*p"], ["main", "sr?/[a-b].[ch]"], ["main", "*star[1]?.c"], ["main", "src/m*"], ["main", "s*"],
        ["main:sub"], ["main:sub/deep/"], ["v1:src", "more"], ["--prefix=x/", "HEAD:"], ["HEAD", "--prefix", "y/"],
    ]

    @Test func writesTheTarThatGitWrites() async throws {
        let workshop = try await ArchiveWorkshop(Self.oddTree.text)
        for request in Self.requests {
            let stock = try await workshop.git(["archive"] + request)
            let ours = await workshop.ask(request, time: try firstTime(in: stock))
            #expect(ours.verdict == "ACK", "\(request)")
            #expect(ours.isComplete, "\(request)")
            #expect(ours.archive == stock, "\(request): \(difference(ours.archive, stock))")
        }
    }

    /// Large blobs stream through files, and the bytes are the same; so they are behind git's gzip.
    @Test func writesLargeBlobsAndGzip() async throws {
        var stream = ImportStream()
        stream.commit()
        for number in 0..<4 { stream.add("f\(number)", (0..<60_000).map { "\($0 % 7_919 * (number + 1)) " }.joined()) }
        let workshop = try await ArchiveWorkshop(stream.text, memory: 10_000)
        for request in [
            ["main"], ["--format=tgz", "main"], ["--format=tar.gz", "-9", "main"], ["--format=tgz", "-1", "HEAD"],
        ] {
            let stock = try await workshop.git(["archive"] + request)
            let ours = await workshop.ask(request)
            #expect(ours.archive == stock, "\(request)")
        }
    }

    @Test func obeysAttributes() async throws {
        var stream = ImportStream()
        stream.commit()
        let rules = """
            # comment
            *.secret export-ignore
            keep.secret -export-ignore
            again.secret !export-ignore
            /top export-ignore
            tests/ export-ignore
            docs/** export-ignore
            deep/**/gone export-ignore
            "quoted \\303\\244" export-ignore
            value export-ignore=no
            [attr]hidden export-ignore
            *.hid hidden
            module export-ignore
            a?c export-ignore
            set[0-9][!a-c].x export-ignore
            !negative export-ignore
            *.bat text eol=crlf
            *.auto text=auto eol=crlf
            *.bin binary eol=crlf
            *.id ident
            """
        stream.add(".gitattributes", rules + "\n")
        for path in [
            "a.secret", "keep.secret", "again.secret", "d/b.secret", "top", "d/top", "tests/t", "d/tests/t", "d/tests2",
            "tests2", "docs/one", "docs/two/three", "deep/gone", "deep/a/b/gone", "deep/a/stay",
            "\"quoted \\303\\244\"", "value", "x.hid", "abc", "set1d.x", "set1a.x", "negative", "d/back.secret",
            "tests3/tests",
        ] {
            stream.add(path)
        }
        stream.add("module", mode: "160000")
        stream.add(
            "d/.gitattributes",
            "back.secret -export-ignore\nlocal export-ignore\nonly-ignored/* export-ignore\n"
        )
        stream.add("d/local")
        stream.add("local")
        stream.add("d/only-ignored/x")
        stream.add("a.bat", "one\ntwo\r\nthree\rfour\n")
        stream.add("plain.auto", "one\ntwo\n")
        stream.add("mixed.auto", "one\ntwo\r\n")
        stream.add("b.bin", "one\ntwo\n")
        stream.add("a.id", "x $Id$ y $Id: abc $ z $Id: foreign thing $ $Id: broken\n$ $Idx$ $Id:$ $\n$Id")
        let workshop = try await ArchiveWorkshop(stream.text)
        for request in [["main"], ["--prefix=p/", "main"], ["main:d"], ["main", "d"], ["main", "docs", "top"]] {
            let stock = try await workshop.git(["archive"] + request)
            let ours = await workshop.ask(request, time: try firstTime(in: stock))
            #expect(ours.archive == stock, "\(request): \(difference(ours.archive, stock))")
        }
    }

    @Test(arguments: [nil, 300] as [Int?], [["--format=zip"], ["--format=zip", "-0"], ["--format=zip", "-9"]])
    func writesZips(memory: Int?, options: [String]) async throws {
        let workshop = try await ArchiveWorkshop(Self.oddTree.text, memory: memory)
        let ours = await workshop.ask(options + ["--prefix=p/", "main"])
        #expect(ours.verdict == "ACK" && ours.isComplete, "\(ours.failure) \(ours.error.map { "\($0)" } ?? "")")
        let zip = try workshop.files.write("ours.zip", ours.archive)
        let tar = try workshop.files.write("stock.tar", try await workshop.git(["archive", "--prefix=p/", "main"]))
        let compared = try await Command("python3", ["-c", Self.comparison, zip, tar]).run()
        #expect(compared.succeeded, "\(compared)")
        // Its own opinion of names that are no UTF-8 aside, unzip reads and checks everything.
        let tested = try await Command("unzip", ["-tq", zip]).run()
        #expect(tested.status <= 1, "\(tested)")
    }

    /// Compares a zip with a tar: names in order, kinds, modes, contents.
    private static let comparison = """
        import sys, tarfile, time, zipfile, stat
        zip, tar = zipfile.ZipFile(sys.argv[1]), tarfile.open(sys.argv[2], encoding="utf-8", errors="surrogateescape")
        assert zip.testzip() is None
        ours, theirs = zip.infolist(), tar.getmembers()
        assert len(ours) == len(theirs), (len(ours), len(theirs))
        for a, b in map(lambda *pair: pair, ours, theirs):
            raw = a.filename.encode("utf-8" if a.flag_bits & 0x800 else "cp437")
            name = b.name.encode("utf-8", "surrogateescape") + (b"/" if b.isdir() else b"")
            assert raw == name, (raw, name)
            mode = a.external_attr >> 16
            assert a.create_system == 3
            assert a.date_time == time.gmtime(b.mtime - b.mtime % 2)[:6], (a.date_time, b.mtime)
            if b.isdir():
                assert stat.S_ISDIR(mode) and a.is_dir(), name
            elif b.issym():
                assert stat.S_ISLNK(mode) and zip.read(a) == b.linkname.encode(), name
            else:
                assert stat.S_ISREG(mode) and bool(mode & 0o111) == bool(b.mode & 0o111), name
                assert zip.read(a) == tar.extractfile(b).read(), name
        assert zip.comment.decode() == tar.pax_headers["comment"]
        """

    /// More members than two bytes can count.
    @Test func writesZipsOfManyFiles() async throws {
        let count = 66_000
        var stream = ImportStream()
        stream.commit()
        for number in 0..<count { stream.add("d\(number % 7)/\(number)", "") }
        let workshop = try await ArchiveWorkshop(stream.text)
        let ours = await workshop.ask(["--format=zip", "main"])
        let zip = try workshop.files.write("ours.zip", ours.archive)
        let script = "import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).infolist()))"
        let counted = try await Command("python3", ["-c", script, zip]).run().required()
        #expect(counted.output == "\(count + 7)")
        #expect(try await Command("unzip", ["-tq", zip]).run().succeeded)
    }

    @Test func listsFormats() async throws {
        let workshop = try await ArchiveWorkshop("")
        let answer = await workshop.ask(["--list"])
        #expect(String(decoding: answer.archive, as: UTF8.self) == "tar\ntgz\ntar.gz\nzip\n")
        #expect(answer.isComplete)
    }

    @Test func saysWhatItArchivesWhenAsked() async throws {
        let workshop = try await ArchiveWorkshop(Self.oddTree.text)
        let answer = await workshop.ask(["-v", "--prefix=p/", "main", "src", "link"])
        #expect(answer.remarks == "p/\np/link\np/src/\np/src/a.c\np/src/b.h\np/src/more/\np/src/more/c.c\n")
    }

    @Test func refusesWhatIsNotToBeHad() async throws {
        var stream = Self.oddTree
        stream.commit(to: "refs/granary/internal")
        stream.add("hidden")
        let workshop = try await ArchiveWorkshop(stream.text)
        func oid(_ name: String) async throws -> String {
            String(decoding: try await workshop.git(["rev-parse", name]).dropLast(), as: UTF8.self)
        }
        let tree = try await oid("main^{tree}")
        let hidden = try await oid("refs/granary/internal")
        let cases: [([String], String)] = [
            ([], "a branch or tag is needed"), (["nope"], "no such ref: nope"), (["main~0"], "no such ref: main~0"),
            (["main^{tree}"], "no such ref: main^{tree}"), ([tree], "no such ref: \(tree)"),
            ([hidden], "no such ref: \(hidden)"), (["refs/granary/internal"], "no such ref: refs/granary/internal"),
            ([tree + ":src"], "no such ref: \(tree)"), (["main:nope"], "not a tree object: main:nope"),
            (["main:plain.txt"], "not a tree object: main:plain.txt"),
            (["main:src//more"], "not a tree object: main:src//more"),
            (["main", "nope"], "pathspec 'nope' did not match any files"),
            (["main", "plain.txt/"], "pathspec 'plain.txt/' did not match any files"),
            (["main", "*.nope"], "pathspec '*.nope' did not match any files"),
            (["main", ":(glob)*.c"], "pathspec ':(glob)*.c': pathspec magic is not supported here"),
            (["main", "../x"], "pathspec '../x': it leaves the tree"),
            (["main", "/x"], "pathspec '/x': a path starts at the root of the tree, without a slash"),
            (["--format=rar", "main"], "Unknown archive format 'rar'"),
            (["-5", "main"], "Argument not supported for format 'tar': -5"),
            (["--format=zip", "-10", "main"], "Argument not supported for format 'zip': -10"),
            (["--output=/etc/passwd", "main"], "option '--output=/etc/passwd' is not supported for remote archives"),
            (
                ["--add-file=/etc/passwd", "main"],
                "option '--add-file=/etc/passwd' is not supported for remote archives"
            ),
            (["--exec=x", "main"], "option '--exec=x' is not supported for remote archives"),
            (["--remote=x", "main"], "option '--remote=x' is not supported for remote archives"),
            (["--worktree-attributes", "main"], "option '--worktree-attributes' is not supported for remote archives"),
            (["main", "--prefix"], "option '--prefix' is not supported for remote archives"),
        ]
        for (request, message) in cases {
            let answer = await workshop.ask(request)
            #expect(answer.verdict == "NACK " + message)
            #expect(answer.error is ConversationError)
            #expect(answer.archive.isEmpty)
        }
        for name in try await [oid("main"), oid("v1"), oid("v1") + ":src"] {
            #expect(await workshop.ask([name]).verdict == "ACK")
        }
    }

    @Test func refusesRequestsThatAreNone() async throws {
        let workshop = try await ArchiveWorkshop(Self.oddTree.text)
        let many = (0...64).map { _ in line("argument x") }
        let wide = line("argument " + String(repeating: "x", count: 9_000))
        for request in [[line("nonsense"), .flush], [.delim], many, [wide], [line("argument a\0b"), .flush]] {
            let answer = await workshop.ask(lines: request)
            #expect(answer.verdict.hasPrefix("NACK "))
            #expect(answer.error is ConversationError)
        }
    }

    /// When the first member of a tar was changed.
    private func firstTime(in tar: [UInt8]) throws -> Int64 {
        try #require(Int64(String(decoding: tar[136..<147], as: UTF8.self), radix: 8))
    }

    /// Where two archives begin to differ.
    private func difference(_ ours: [UInt8], _ theirs: [UInt8]) -> String {
        guard let at = zip(ours, theirs).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
            return "\(ours.count) and \(theirs.count) bytes"
        }
        func text(_ bytes: [UInt8]) -> String {
            let start = at / 512 * 512
            return String(decoding: bytes[start..<min(bytes.count, start + 512)], as: UTF8.self)
                .split(separator: "\0").joined(separator: "·")
        }
        return "at \(at):\n\(text(ours))\n\(text(theirs))"
    }
}
