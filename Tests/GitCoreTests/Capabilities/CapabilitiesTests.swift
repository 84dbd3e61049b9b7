import GitCore
import Testing

struct GitProtocolVersionTests {
    private static let headers: [(String?, GitProtocolVersion)] = [
        (nil, GitProtocolVersion.v0), ("", .v0), ("version=0", .v0), ("version=1", .v1), ("version=2", .v2),
        ("version=1:version=2", .v2), ("version=2:version=1", .v2), ("key=value:version=2:other", .v2),
        ("version=3", .v0),
        ("version=12", .v0), ("VERSION=2", .v0), ("version=2;x", .v0), ("::::", .v0),
        ("version=2:" + String(repeating: "x", count: 256), .v0),
    ]

    @Test(arguments: headers)
    func takesTheHighestVersionWeKnow(_ header: String?, _ version: GitProtocolVersion) {
        #expect(GitProtocolVersion(header: header) == version)
    }
}

struct CapabilitiesTests {
    private func parse(_ text: String) throws -> Capabilities {
        try Capabilities(parsing: Array(text.utf8))
    }

    @Test
    func readsNamesAndValues() throws {
        let list = try parse(" report-status  symref=HEAD:refs/heads/a=b agent=git/2.39.5 empty=")
        #expect(list.items.map(\.name) == ["report-status", "symref", "agent", "empty"])
        #expect(list.value(of: "symref") == "HEAD:refs/heads/a=b")
        #expect(list.value(of: "report-status") == nil)
        #expect(list.value(of: "empty") == "")
        #expect(list.agent == "git/2.39.5")
        #expect(list.contains("report-status") && !list.contains("report"))
        #expect(list.objectFormat == "sha1")
        #expect(try parse("").items.isEmpty)
    }

    @Test
    func boundsWhatGoesToTheLog() throws {
        let list = try parse("agent=\(String(repeating: "a", count: 4_000)) session-id=s")
        #expect(list.agent?.count == 256)
        #expect(list.sessionID == "s")
    }

    private static let malformed: [(String, CapabilityError)] = [
        ("a\u{1b}b", CapabilityError.unprintable(0x1b)), ("a\0b", .unprintable(0)), ("é", .unprintable(0xc3)),
        ("=x", .unnamed),
        (String(repeating: "a", count: 8_193), .tooLong), (String(repeating: "a ", count: 129), .tooLong),
    ]

    @Test(arguments: malformed)
    func refusesListsThatCannotBe(_ text: String, _ error: CapabilityError) {
        #expect(throws: error) { try parse(text) }
        #expect(!error.message.isEmpty)
    }
}
