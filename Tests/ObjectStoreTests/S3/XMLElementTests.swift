import ObjectStore
import Testing

@Suite struct XMLElementTests {
    private func parse(_ text: String) -> XMLElement? { XMLElement.parse(Array(text.utf8)) }

    @Test func readsAnError() {
        let error = parse(
            """
            <?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>\
            <Message>a &lt;b&gt; &amp; &quot;c&apos; &#65;&#x42;</Message><RequestId/></Error>\n
            """
        )
        #expect(error?.name == "Error")
        #expect(error?.text(of: "Code") == "NoSuchKey")
        #expect(error?.text(of: "Message") == "a <b> & \"c' AB")
        #expect(error?.text(of: "RequestId") == "")
        #expect(error?.text(of: "Other") == nil)
    }

    @Test func passesOverAttributesCommentsAndPrefixes() {
        let list = parse(
            "<s3:List xmlns:s3='a>b'><!-- <x> --><Key a=\"1\">x</Key><Key><![CDATA[<&]]></Key ></s3:List>"
        )
        #expect(list?.name == "List")
        #expect(list?.children("Key").map(\.text) == ["x", "<&"])
    }

    @Test(arguments: [
        "", "text", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a>&unknown;</a>", "<a>&#xD800;</a>", "<a>&#99999999;</a>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a><!-- </a>", "<a", "< a/>", "<a><1/></a>", "<a/>x", "<>",
        "<a>&amp</a>",
    ])
    func refusesWhatIsNoXML(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test func hasBounds() {
        let deep = String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17)
        #expect(parse(deep) == nil)
        #expect(parse("<a>" + String(repeating: "<b/>", count: 100_000) + "</a>") == nil)
    }

    @Test func survivesAnyBytes() {
        var state: UInt64 = 1
        let alphabet = Array("<>/a &;#x!-[]?\"'C".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<24).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            }
            _ = XMLElement.parse(Array("<a>".utf8) + bytes + Array("</a>".utf8))
        }
    }
}
