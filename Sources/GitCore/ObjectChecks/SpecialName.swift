/// A file name that git gives a meaning, in every spelling that some file system takes for it.
///
/// HFS+ ignores some code points and case. NTFS ignores case, trailing dots and spaces and what follows a colon, and
/// has short names of eight characters. The short names of a file depend on its neighbours, so all possible ones count.
/// - Source: the advisories of CVE-2014-9390 and CVE-2019-1352; git-fsck(1).
package struct SpecialName: Sendable {
    /// The whole name in lower case, with its dot.
    private let name: StaticString
    /// The six characters that NTFS makes up when the plain short names are taken.
    private let hashedShortName: StaticString

    /// The name `.gitmodules`.
    package static let gitmodules = SpecialName(name: ".gitmodules", hashedShortName: "gi7eba")
    /// The name `.gitattributes`.
    package static let gitattributes = SpecialName(name: ".gitattributes", hashedShortName: "gi7d29")

    /// Whether a name that starts with `first` can match anything here: a dot, a `g`, a short name that is all
    /// number, or a code point HFS+ ignores.
    @inline(__always)
    static func mayStart(with first: UInt8) -> Bool {
        switch first {
        case UInt8(ascii: "."), UInt8(ascii: "g"), UInt8(ascii: "G"), UInt8(ascii: "~"), 0xe2, 0xef: true
        default: false
        }
    }

    /// Whether `candidate` means this name on HFS+ or NTFS, which includes the name itself in any case.
    package func matches(_ candidate: UnsafeRawBufferPointer) -> Bool {
        Self.matchesHFS(candidate, name) || matchesNTFS(candidate)
    }

    /// Whether `candidate` means this name on NTFS.
    package func matchesNTFS(_ candidate: UnsafeRawBufferPointer) -> Bool {
        if candidate.hasCaseInsensitivePrefix(name, count: name.utf8CodeUnitCount) {
            return candidate.endsForNTFS(at: name.utf8CodeUnitCount, orAt: nil)
        }
        return matchesPlainShortName(candidate) || matchesHashedShortName(candidate)
    }

    /// Whether `candidate` means `.git` on HFS+ or NTFS, which includes the name itself in any case.
    package static func isDotGit(_ candidate: UnsafeRawBufferPointer) -> Bool {
        matchesHFS(candidate, ".git") || isNTFSDotGit(candidate)
    }

    /// Whether `candidate` means `.git` on NTFS; what follows a backslash is another name and does not matter.
    static func isNTFSDotGit(_ candidate: UnsafeRawBufferPointer) -> Bool {
        if candidate.hasCaseInsensitivePrefix(".git", count: 4) {
            return candidate.endsForNTFS(at: 4, orAt: UInt8(ascii: "\\"))
        }
        guard candidate.hasCaseInsensitivePrefix("git~1", count: 5) else { return false }
        return candidate.endsForNTFS(at: 5, orAt: UInt8(ascii: "\\"))
    }

    /// Six characters of the name without its dot, `~`, and 1 through 4.
    private func matchesPlainShortName(_ candidate: UnsafeRawBufferPointer) -> Bool {
        guard candidate.count >= 8, candidate[6] == UInt8(ascii: "~") else { return false }
        guard candidate[7] >= UInt8(ascii: "1"), candidate[7] <= UInt8(ascii: "4") else { return false }
        guard candidate.hasCaseInsensitivePrefix(name, from: 1, count: 6) else { return false }
        return candidate.endsForNTFS(at: 8, orAt: nil)
    }

    /// Eight characters: some or all of the made-up six, `~`, and a number without leading zero.
    private func matchesHashedShortName(_ candidate: UnsafeRawBufferPointer) -> Bool {
        guard candidate.count >= 8 else { return false }
        guard let tilde = candidate[..<7].firstIndex(of: UInt8(ascii: "~")) else { return false }
        guard candidate.hasCaseInsensitivePrefix(hashedShortName, count: tilde) else { return false }
        guard candidate[tilde + 1] != UInt8(ascii: "0") else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard candidate[(tilde + 1)..<8].allSatisfy(digits.contains) else { return false }
        return candidate.endsForNTFS(at: 8, orAt: nil)
    }

    /// Whether `candidate` is `name` (lower-case ASCII) once case and the code points HFS+ ignores are disregarded.
    private static func matchesHFS(_ candidate: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        var position = 0
        for index in 0..<name.utf8CodeUnitCount {
            position = candidate.skippingIgnorable(from: position)
            guard position < candidate.count else { return false }
            guard asciiLowercase(candidate[position]) == name.utf8Start[index] else { return false }
            position += 1
        }
        position = candidate.skippingIgnorable(from: position)
        guard position < candidate.count else { return true }
        // What is not UTF-8 does not reach HFS+ as it is; like git, take no chance on what it becomes.
        var rest = candidate[position...].makeIterator()
        var decoder = UTF8()
        if case .scalarValue = decoder.decode(&rest) { return false }
        return true
    }
}

/// The lower-case form of an ASCII letter; other bytes stay.
func asciiLowercase(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}

extension UnsafeRawBufferPointer {
    /// Whether the first `count` bytes, in lower case, are `count` bytes of `word` from `start`.
    fileprivate func hasCaseInsensitivePrefix(_ word: StaticString, from start: Int = 0, count: Int) -> Bool {
        guard self.count >= count, word.utf8CodeUnitCount >= start + count else { return false }
        for index in 0..<count where asciiLowercase(self[index]) != word.utf8Start[start + index] { return false }
        return true
    }

    /// Whether NTFS sees the end of the name at `position`: only dots and spaces follow, up to the end, a colon or `stop`.
    fileprivate func endsForNTFS(at position: Int, orAt stop: UInt8?) -> Bool {
        for byte in self[position...] {
            if byte == UInt8(ascii: ":") || byte == stop { return true }
            guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: " ") else { return false }
        }
        return true
    }

    /// The first position from `start` on that holds no code point that HFS+ ignores.
    ///
    /// These are U+200C through U+200F, U+202A through U+202E, U+206A through U+206F and U+FEFF.
    fileprivate func skippingIgnorable(from start: Int) -> Int {
        var position = start
        while count - position >= 3 {
            switch (self[position], self[position + 1], self[position + 2]) {
            case (0xe2, 0x80, 0x8c...0x8f), (0xe2, 0x80, 0xaa...0xae), (0xe2, 0x81, 0xaa...0xaf), (0xef, 0xbb, 0xbf):
                position += 3
            default: return position
            }
        }
        return position
    }
}
