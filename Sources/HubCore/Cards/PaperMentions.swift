/// Papers that a text names.
enum PaperMentions {
    private static let most = 20
    private static let marks = ["arxiv:", "arxiv.org/abs/", "arxiv.org/pdf/"].map { Array($0.utf8) }

    /// The numbers of papers on arXiv, as links or as `arxiv:1910.01108`, in the order in which they come.
    static func find(in text: ArraySlice<UInt8>) -> [String] {
        var found: [String] = []
        var position = text.startIndex
        while found.count < most, let next = text[position...].firstIndex(where: { $0 | 0x20 == UInt8(ascii: "a") }) {
            position = next + 1
            guard let mark = marks.first(where: { isThere($0, in: text[next...]) }),
                let number = number(text[(next + mark.count)...])
            else { continue }
            if !found.contains(number) { found.append(number) }
        }
        return found
    }

    private static func isThere(_ mark: [UInt8], in text: ArraySlice<UInt8>) -> Bool {
        text.prefix(mark.count).elementsEqual(mark) { ($0 == $1) || ($0 | 0x20 == $1 && $1 >= UInt8(ascii: "a")) }
    }

    /// Four digits, a dot, and four or five more.
    private static func number(_ text: ArraySlice<UInt8>) -> String? {
        let digits = text.prefix(10)
        let month = digits.prefix(4)
        guard month.count == 4, month.allSatisfy(isDigit), digits.dropFirst(4).first == UInt8(ascii: ".") else {
            return nil
        }
        let count = digits.dropFirst(5).prefix(while: isDigit).count
        guard count >= 4 else { return nil }
        return String(decoding: digits.prefix(5 + count), as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
