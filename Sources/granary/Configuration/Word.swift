/// A kind of short text without spaces: which characters, and how many.
struct Word: Sendable {
    /// The end of the sentence "accepts …".
    let accepts: String
    /// Most bytes.
    let limit: Int
    /// Whether a byte may stand in it.
    let isAllowed: @Sendable (UInt8) -> Bool

    /// Whether the text is one.
    func contains(_ text: String) -> Bool {
        (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
    }
}
