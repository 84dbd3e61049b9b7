import LFS
import ObjectStore
import Testing

struct LFSPointerTests {
    private static let v1 = "version https://git-lfs.github.com/spec/v1\n"
    private static let oid = "oid sha256:\(abcHex)\n"

    @Test(arguments: [
        v1 + oid + "size 3\n",
        "version https://hawser.github.com/spec/v1\n" + oid + "size 3\n",
        v1 + "ext-0-foo sha256:\(emptyHex)\n" + oid + "size 3\n",
        v1 + "ext-0-foo sha256:\(emptyHex)\next-1-bar_2 sha256:\(abcHex)\n" + oid + "size 3\n",
    ])
    func reads(text: String) throws {
        #expect(LFSPointer(parsing: Array(text.utf8)) == LFSPointer(try object()))
    }

    @Test(arguments: [
        "", "version ", v1, v1 + oid, v1 + "size 3\n", v1 + "size 3\n" + oid, oid + v1 + "size 3\n", oid + "size 3\n",
        v1 + oid + "size 3", v1 + oid + "size 3\n\n", v1 + oid + "size 3\nx y\n", "\n" + v1 + oid + "size 3\n",
        v1 + "\n" + oid + "size 3\n", v1 + oid + oid + "size 3\n", v1 + v1 + oid + "size 3\n",
        v1 + oid + "size 03\n", v1 + oid + "size -3\n", v1 + oid + "size +3\n", v1 + oid + "size\n",
        v1 + oid + "size 3 \n", v1 + oid + "size  3\n", v1 + oid + "size 9223372036854775808\n",
        v1 + oid + "size 1e3\n",
        v1 + oid + "size 99999999999999999999999999\n",
        "version https://git-lfs.github.com/spec/v2\n" + oid + "size 3\n",
        "version http://git-media.io/v/2\n" + oid + "size 3\n",
        "Version https://git-lfs.github.com/spec/v1\n" + oid + "size 3\n",
        v1 + "oid sha256:\(abcHex.uppercased())\nsize 3\n", v1 + "oid sha256:\(abcHex)0\nsize 3\n",
        v1 + "oid sha256:\(abcHex.dropLast())\nsize 3\n", v1 + "oid sha1:\(abcHex)\nsize 3\n",
        v1 + "oid \(abcHex)\nsize 3\n", v1 + "key value\n" + oid + "size 3\n",
        v1 + "ext-1-a sha256:\(abcHex)\next-0-b sha256:\(abcHex)\n" + oid + "size 3\n",
        v1 + "ext-0-a sha256:\(abcHex)\next-0-a sha256:\(abcHex)\n" + oid + "size 3\n",
        v1 + "ext-x-a sha256:\(abcHex)\n" + oid + "size 3\n", v1 + "ext-0- sha256:\(abcHex)\n" + oid + "size 3\n",
        v1 + "ext-0-a sha256:12\n" + oid + "size 3\n", v1 + "ext-10-a sha256:\(abcHex)\n" + oid + "size 3\n",
        (v1 + oid + "size 3\n").split(separator: "\n").joined(separator: "\r\n") + "\r\n",
    ])
    func takesForAnOrdinaryFile(text: String) {
        #expect(LFSPointer(parsing: Array(text.utf8)) == nil)
    }

    @Test func endsBelowTheSizeLimit() throws {
        let line = "ext-%-" + String(repeating: "a", count: 700) + " sha256:\(abcHex)\n"
        let short = Self.v1 + line.replacing("%", with: "0") + Self.oid + "size 3\n"
        #expect(short.utf8.count < 1_024)
        #expect(LFSPointer(parsing: Array(short.utf8)) != nil)
        let name = String(repeating: "a", count: 700 + 1_024 - short.utf8.count)
        let long = Self.v1 + "ext-0-\(name) sha256:\(abcHex)\n" + Self.oid + "size 3\n"
        #expect(long.utf8.count == 1_024)
        #expect(LFSPointer(parsing: Array(long.utf8)) == nil)
    }

    @Test func refusesBytesThatAreNoText() {
        let text = Array((Self.v1 + Self.oid + "size 3\n").utf8)
        for position in text.indices {
            var broken = text
            broken[position] = 0
            #expect(LFSPointer(parsing: broken) == nil)
            broken[position] = 0xff
            #expect(LFSPointer(parsing: broken) == nil)
        }
    }

    /// What a client reads is more than what git-lfs writes; none of it may be taken for garbage.
    @Test(arguments: [
        "version https://git-lfs.github.com/spec/v1\r\noid sha256:HEX\r\nsize 3\r\n", "\n\noid sha256:HEX",
        "version http://git-media.io/v/2\noid sha256:HEX\nsize 07\n", "sha256:sha256:HEX",
    ])
    func findsObjectsThatATextNames(text: String) throws {
        let bytes = Array(text.replacing("HEX", with: abcHex).utf8)
        #expect(LFSPointer(parsing: bytes) == nil)
        #expect(LFSPointer.mentions(in: bytes).map(\.hex) == [abcHex])
        #expect(LFSPointer.mentions(in: Array("sha256:".utf8)).isEmpty)
    }

    @Test(arguments: [Int64(0), 3, .max])
    func writesWhatGitLFSWrites(size: Int64) throws {
        let pointer = LFSPointer(try object(abcHex, size))
        #expect(pointer.text == Self.v1 + Self.oid + "size \(size)\n")
        #expect(LFSPointer(parsing: Array(pointer.text.utf8)) == pointer)
    }
}
