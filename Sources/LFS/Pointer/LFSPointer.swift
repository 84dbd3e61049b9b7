package import ObjectStore

/// The small text that stands in a commit for an object.
package struct LFSPointer: Hashable, Sendable {
    package let object: LFSObject

    /// A pointer is shorter than this; longer blobs need not be looked at.
    package static let sizeLimit = 1_024

    /// The pointer to an object.
    package init(_ object: LFSObject) {
        self.object = object
    }

    package var oid: ObjectKey { object.oid }
    /// 0 … 2^63 − 1.
    package var size: Int64 { object.size }

    /// The canonical text: version 1, without extensions.
    package var text: String {
        "version https://git-lfs.github.com/spec/v1\noid sha256:\(oid.hex)\nsize \(size)\n"
    }
}

extension LFSPointer {
    /// Reads a pointer strictly; nil for a text that only resembles one, which is an ordinary file.
    ///
    /// The lines are `version`, any `ext-N-name` in ascending order, `oid`, `size`, each ended by LF, with one space behind
    /// the key, lower-case digits and no leading zero: the form in which git-lfs writes them.
    /// - Source: git-lfs `docs/spec.md`, "The Pointer"; `docs/extensions.md`.
    package init?(parsing bytes: some Collection<UInt8>) {
        guard bytes.count < Self.sizeLimit, bytes.starts(with: "version ".utf8) else { return nil }
        var lines = PointerLines(Array(bytes)[...])
        guard let version = lines.value(of: "version"), Self.versions.contains(version) else { return nil }
        guard lines.skipExtensions() else { return nil }
        guard let oid = lines.value(of: "oid").flatMap(Self.digest),
            let size = lines.value(of: "size").flatMap({ canonicalDecimal($0.utf8) }),
            lines.isAtEnd, let object = LFSObject(oid: oid, size: size)
        else { return nil }
        self.init(object)
    }

    /// The present address, and that of the time before git-lfs had its name.
    private static let versions = ["https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1"]

    /// The digest of "sha256:" and 64 digits; nil for anything else.
    static func digest(_ value: String) -> ObjectKey? {
        guard value.utf8.starts(with: "sha256:".utf8) else { return nil }
        return ObjectKey(hex: value.dropFirst("sha256:".count))
    }
}

extension LFSPointer {
    /// The objects that a text names: each "sha256:" with 64 hexadecimal digits of either case behind it, wherever it is.
    package static func mentions(in bytes: [UInt8]) -> [ObjectKey] {
        let prefix = Array("sha256:".utf8)
        var found: [ObjectKey] = []
        var position = 0
        while position + prefix.count + 64 <= bytes.count {
            if bytes[position] == prefix[0], bytes[position...].starts(with: prefix) {
                let digits = bytes[(position + prefix.count)..<(position + prefix.count + 64)]
                if let key = ObjectKey(hex: String(decoding: digits, as: UTF8.self).lowercased()) { found.append(key) }
            }
            position += 1
        }
        return found
    }
}

/// The lines of a pointer, taken from the front.
private struct PointerLines {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The value of the next line when it has this key.
    mutating func value(of key: String) -> String? {
        guard let line = next(), line.key.utf8.elementsEqual(key.utf8) else { return nil }
        rest = line.rest
        return line.value
    }

    /// Passes over `ext-N-name` lines; false when one is malformed or not behind its predecessor in order.
    mutating func skipExtensions() -> Bool {
        var previous = ""
        while let line = next(), line.key.utf8.starts(with: "ext-".utf8) {
            let name = Array(line.key.utf8.dropFirst(4))
            guard name.count > 2, isDigit(name[0]), name[1] == UInt8(ascii: "-"), name.dropFirst(2).allSatisfy(isWord),
                previous.utf8.lexicographicallyPrecedes(line.key.utf8), LFSPointer.digest(line.value) != nil
            else { return false }
            previous = line.key
            rest = line.rest
        }
        return true
    }

    private func next() -> (key: String, value: String, rest: ArraySlice<UInt8>)? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = rest[..<end]
        guard let space = line.firstIndex(of: UInt8(ascii: " ")),
            let key = String(validating: line[..<space], as: UTF8.self),
            let value = String(validating: line[(space + 1)...], as: UTF8.self)
        else { return nil }
        return (key, value, rest[(end + 1)...])
    }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: isDigit(byte)
        }
    }
}
