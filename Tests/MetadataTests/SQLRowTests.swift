import Access
import Metadata
import Testing

@Suite struct SQLRowTests {
    private let row = SQLRow(
        columns: ["text", "number", "nothing", "two", "role"],
        values: [.text("x"), .integer(1), .null, .integer(2), .text("write")]
    )

    @Test func readsWhatIsThere() throws {
        #expect(try row.text("text") == "x")
        #expect(try row.text(at: 0) == "x")
        #expect(try row.integer("number") == 1)
        #expect(try row.flag("number"))
        #expect(try row.optionalText("nothing") == nil)
        #expect(try row.optionalText(at: 2) == nil)
        #expect(try row.optionalTime("nothing") == nil)
        #expect(try row.optionalID("nothing") == nil)
        #expect(try row.named("role") == Role.write)
    }

    @Test func complainsAboutEverythingElse() {
        #expect(throws: MetadataError.self) { try row.text("missing") }
        #expect(throws: MetadataError.self) { try row.text("number") }
        #expect(throws: MetadataError.self) { try row.text("nothing") }
        #expect(throws: MetadataError.self) { try row.text(at: 9) }
        #expect(throws: MetadataError.self) { try row.optionalText(at: -1) }
        #expect(throws: MetadataError.self) { try row.integer("text") }
        #expect(throws: MetadataError.self) { try row.flag("two") }
        #expect(throws: MetadataError.self) { try row.id("text") }
        #expect(throws: MetadataError.self) { let _: Role = try row.named("text") }
    }

    @Test(arguments: [("Ada", "ada"), ("a-B_c.9", "a-b_c.9"), ("\u{C9}A", "\u{C9}a"), ("", "")])
    func foldsOnlyASCII(_ name: String, _ folded: String) {
        #expect(foldedName(name) == folded)
    }
}
