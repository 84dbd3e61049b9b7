import HubCore
import Testing

@Suite struct FrontMatterTests {
    private func found(_ card: String) -> String? {
        FrontMatter.find(in: Array(card.utf8)).map { String(decoding: $0.yaml, as: UTF8.self) }
    }

    @Test(arguments: [
        ("---\na: 1\n---\n# Text", "a: 1\n"), ("---\na: 1\n---", "a: 1\n"), ("---\r\na: 1\r\n---\r\n", "a: 1\r\n"),
        ("\u{feff}---\na: 1\n---\n", "a: 1\n"), ("\n \n---\na: 1\n---\n", "a: 1\n"), ("---\n---\n", ""),
        ("--- \na: 1\n--- \n", "a: 1\n"), ("---\na: \"---\"\n---\n", "a: \"---\"\n"),
    ])
    func isBetweenTwoLines(_ card: String, _ yaml: String) {
        #expect(found(card) == yaml)
    }

    @Test(arguments: ["", "---", "---\n", "---\na: 1\n", "# Text\n---\na: 1\n---\n", "----\na: 1\n----\n", "--\n--\n"])
    func isNotThereOtherwise(_ card: String) {
        #expect(found(card) == nil)
    }

    @Test func tellsWhereTheTextBegins() throws {
        let card = Array("---\na: 1\n---\ntext".utf8)
        let rest = try #require(FrontMatter.find(in: card)).rest
        #expect(card[rest...].elementsEqual("text".utf8))
    }
}
