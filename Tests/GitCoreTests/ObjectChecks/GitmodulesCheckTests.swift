import GitCore
import GranaryTesting
import Testing

@Suite struct GitmodulesCheckTests {
    private static func module(_ line: String, name: String = "m") -> String {
        "[submodule \"\(name)\"]\n\t\(line)\n"
    }

    private static let table: [(String, ObjectError?)] = [
        ("", nil), ("\u{feff}[submodule \"m\"]\n\tpath = m\n\turl = ../m.git\n", nil),
        (module("url = https://example.com/m.git"), nil), (module("url = git@example.com:m.git"), nil),
        (module("url = ./m"), nil), (module("url = ../../m"), nil), (module("url = /srv/m"), nil), (module("url"), nil),
        (module("url = -u"), .gitmodulesUrl), (module("url = \"-u\""), .gitmodulesUrl),
        (module("URL=-u"), .gitmodulesUrl),
        (module("url = \\\n-u"), .gitmodulesUrl), (module("url = x # -u"), nil), (module("xurl = -u"), nil),
        (module("url = \"https://example.com/\\nhost=x\""), .gitmodulesUrl),
        (module("url = https://example.com/%0ahost=x"), .gitmodulesUrl),
        (module("url = https://example.com%0Ahost=x/"), .gitmodulesUrl),
        (module("url = http::https://example.com/%0a"), .gitmodulesUrl), (module("url = ./%0a"), .gitmodulesUrl),
        (module("url = ../%0A"), .gitmodulesUrl), (module("url = ssh://example.com/%0a"), nil),
        (module("url = https:///m"), .gitmodulesUrl), (module("url = https://"), .gitmodulesUrl),
        (module("url = http::m"), .gitmodulesUrl), (module("url = https://u:p@/m"), .gitmodulesUrl),
        (module("url = https://u:p@h/m"), nil), (module("url = ../:example.com/m"), .gitmodulesUrl),
        (module("url = .././../:m"), .gitmodulesUrl), (module("url = ..//example.com"), .gitmodulesUrl),
        (module("url = ./:m"), nil), (module("url = ftp://%0a@h/"), .gitmodulesUrl),
        (module("path = -p"), .gitmodulesPath), (module("path = a/-p"), nil), (module("path = \" -p\""), nil),
        (module("update = !sh"), .gitmodulesUpdate), (module("update = \"!\"sh"), .gitmodulesUpdate),
        (module("update = rebase"), nil), (module("update = x!"), nil),
        (module("path = x", name: ".."), .gitmodulesName), (module("path = x", name: "../x"), .gitmodulesName),
        (module("path = x", name: "x/.."), .gitmodulesName), (module("path = x", name: "x/../y"), .gitmodulesName),
        (module("path = x", name: "x\\\\..\\\\y"), .gitmodulesName), (module("path = x", name: ""), .gitmodulesName),
        (module("path = x", name: "..x"), nil), (module("path = x", name: "x..y/z"), nil),
        (module("path = x", name: "\\.\\./x"), .gitmodulesName), (module("path = x", name: "a.b"), nil),
        ("[submodule.dotted]\nurl=-u\n", .gitmodulesUrl), ("[submodule...]\nurl=u\n", .gitmodulesName),
        ("[submodule]\nurl=-u\n", nil), ("[Submodule \"x\"]url=-u\n", .gitmodulesUrl), ("[sub \"x\"]\nurl=-u\n", nil),
        ("[submodule \"x\"]\npath = a\nbroken line\nurl = -u\n", nil),
        ("[submodule \"x\"]\nurl=-u\nbroken line", .gitmodulesUrl),
        ("[submodule \"x]\nurl=-u\n", nil), ("[submodule \"x\"]\nurl=\"-u\n", nil),
        ("[submodule \"x\"]\nurl=\\x-u\n", nil),
        ("[submodule \"x\"]\r\n\turl=-u\r\n", .gitmodulesUrl), ("url=-u\n", nil),
        ("[submodule \"x\"]\nurl =   -u", .gitmodulesUrl),
    ]

    private func verdict(_ content: [UInt8]) -> ObjectError? {
        content.withUnsafeBytes { bytes in
            thrown { () throws(ObjectError) in try GitmodulesCheck.check(bytes) }
        }
    }

    @Test(arguments: table) func judges(text: String, error: ObjectError?) {
        #expect(verdict(Array(text.utf8)) == error)
    }

    @Test func refusesLargeFiles() {
        #expect(verdict([UInt8](repeating: 0x20, count: 64 << 10)) == nil)
        #expect(verdict([UInt8](repeating: 0x20, count: (64 << 10) + 1)) == .gitmodulesLarge)
    }

    /// Blobs under the name `.gitmodules`, the table and mutations of it, against the real `git fsck`.
    @Test func agreesWithStockFsck() async throws {
        var random = SeededRandom(3)
        let table = Self.table.map { Array($0.0.utf8) }
        let spice = Array("[]\"\\\n\t=#;.:/-!%0au ".utf8)
        var blobs = table
        for _ in 0..<600 {
            // A carriage return or NUL in a value is judged by our own, stricter rules.
            blobs.append(
                random.mutation(of: table[random.below(table.count)], spice: spice).filter { $0 != 0 && $0 != 0x0d }
            )
        }
        let git = try await StockGit()
        let ids = try await git.store(blobs, as: .blob)
        let trees = ids.map { Crafted.tree([(mode: "100644", name: Array(".gitmodules".utf8))], oid: $0.bytes) }
        _ = try await git.store(trees, as: .tree)
        let errors = try await git.fsck().errors
        for (oid, blob) in zip(ids, blobs) {
            let ours = verdict(blob)
            let text = String(decoding: blob, as: UTF8.self).debugDescription
            #expect(
                (ours == nil) == (errors[oid] == nil),
                "\(text): \(ours.map(\.rawValue) ?? "-"), git \(errors[oid] ?? [])"
            )
            if let ours, let theirs = errors[oid]?.first { #expect(ours.rawValue == theirs, "\(text)") }
        }
    }
}

@Suite struct GitConfigParserTests {
    private func entries(_ bytes: [UInt8]) -> (entries: [GitConfigEntry], complete: Bool) {
        bytes.withUnsafeBytes { bytes in
            var parser = GitConfigParser(bytes)
            var entries: [GitConfigEntry] = []
            do {
                while let entry = try parser.next() { entries.append(entry) }
                return (entries, true)
            } catch {
                return (entries, false)
            }
        }
    }

    @Test(arguments: [
        ("[a]\nb = c\n", "a.b\nc\0"), ("[A \"B c\"]\nD=\"x  y\" z  \n", "a.B c.d\nx  y z\0"),
        ("[a]b\n[c.D]e=f;g", "a.b\0c.d.e\nf\0"),
        ("# x\n;y\n[a-1]\n\tb2-=  \\t\\n\\b\\\\\\\"\\\nq # r\n", "a-1.b2-\n\t\n\u{8}\\\"q\0"),
        ("[a \"\\x\\\"\"]\nb=\n", "a.x\".b\n\0"),
        ("[a]\nb = x\ty\n", "a.b\nx y\0"), ("[a]\n b = \" c \"\n", "a.b\n c \0"),
    ])
    func readsAsGitDoes(text: String, listing: String) async throws {
        let git = try await StockGit()
        let (entries, complete) = entries(Array(text.utf8))
        #expect(complete)
        var ours: [UInt8] = []
        for entry in entries {
            ours += entry.section + [0x2e]
            if let subsection = entry.subsection { ours += subsection + [0x2e] }
            ours += entry.key
            if let value = entry.value { ours += [0x0a] + value }
            ours.append(0)
        }
        #expect(ours == Array(listing.utf8))
        #expect(try await git.run(["config", "-z", "-f", "-", "--list"], input: Array(text.utf8)) == ours)
    }

    @Test(arguments: [
        "[", "[]", "[a", "[a b]", "[a \"b]\n", "[a \"b\" ]", "[a]\n1b=c", "[a]\nb:c", "[a]\nb=\"c\n", "[a]\nb=\\q",
        "=x",
    ])
    func refusesWhatGitRefuses(text: String) {
        #expect(!entries(Array(text.utf8)).complete)
    }

    @Test func survivesRandomBytes() {
        var random = SeededRandom(4)
        let alphabet = Array("[]\"\\\n\r\t=#; ab.\0é".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<random.below(60)).map { _ in alphabet[random.below(alphabet.count)] }
            #expect(entries(bytes).entries.count <= bytes.count)
        }
    }
}

@Suite struct GitattributesCheckTests {
    private func verdict(_ content: [UInt8]) -> ObjectError? {
        content.withUnsafeBytes { bytes in
            thrown { () throws(ObjectError) in try GitattributesCheck.check(bytes) }
        }
    }

    @Test func limitsLines() async throws {
        let line = [UInt8](repeating: 0x61, count: 2_047)
        #expect(verdict(line) == nil)
        #expect(verdict(line + [0x0a] + line + [0x0a]) == nil)
        #expect(verdict([0x0a] + line + [0x61]) == .gitattributesLineLength)
        let git = try await StockGit()
        let ids = try await git.store([line, line + [0x61]], as: .blob)
        _ = try await git.store(
            ids.map { Crafted.tree([(mode: "100644", name: Array(".gitattributes".utf8))], oid: $0.bytes) },
            as: .tree
        )
        #expect(try await git.fsck().errors == [ids[1]: ["gitattributesLineLength"]])
    }

    @Test func countsAcrossPiecesAndRefusesBySizeAlone() throws {
        var check = try GitattributesCheck(size: 4_000)
        let half = [UInt8](repeating: 0x61, count: 1_024)
        try half.withUnsafeBytes { try check.update($0) }
        #expect(throws: ObjectError.gitattributesLineLength) { try half.withUnsafeBytes { try check.update($0) } }
        #expect(throws: ObjectError.gitattributesLarge) { try GitattributesCheck(size: 100 << 20 + 1) }
    }
}
