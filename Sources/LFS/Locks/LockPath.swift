/// The path of a locked file, compared byte for byte.
package struct LockPath: Sendable {
    /// As the client wrote it.
    package let text: String

    /// Most bytes of a path, as Linux has it.
    package static let byteLimit = 4_096

    /// Takes a relative path without empty or upward steps; nil for anything else.
    ///
    /// Refused are: nothing, a leading or trailing "/", "//", steps "." and "..", control characters, which would reach terminals in
    /// messages, and more than 4 096 bytes.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard (1...Self.byteLimit).contains(bytes.count), !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else { return nil }
        let steps = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard !steps.contains(where: { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else {
            return nil
        }
        self.text = text
    }
}

extension LockPath: Hashable {
    /// Two spellings of one letter are two paths, as git sees it; Swift's own comparison would make them one.
    package static func == (left: LockPath, right: LockPath) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the bytes.
    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

extension LockPath: CustomStringConvertible {
    /// The path.
    package var description: String { text }
}
