/// Writes the headers of a tar archive, byte for byte as git does.
///
/// - Source: git's `archive-tar.c`; POSIX.1-2001 "pax Interchange Format".
struct TarFormat {
    /// Seconds since 1970, for all members; as much of it as the header can hold.
    private let time: Int64
    private let wholeTime: Int64

    /// Bytes of a block; every member starts at a multiple of it.
    private static let blockBytes = 512
    /// Archives are padded to a multiple of this.
    private static let recordBytes: Int64 = 10_240
    /// Most that eleven octal digits can say.
    private static let numberLimit: Int64 = 0o77_777_777_777
    private static let nameBytes = 100
    private static let prefixBytes = 155

    init(time: Int64) {
        wholeTime = max(0, time)
        self.time = min(wholeTime, Self.numberLimit)
    }

    /// What stands in front of everything: the commit, for `git get-tar-commit-id`.
    func start(commit: ObjectID?) -> [UInt8] {
        var records: [UInt8] = []
        if let commit { append("comment", Array(commit.hex.utf8), to: &records) }
        if wholeTime > Self.numberLimit { append("mtime", Array("\(wholeTime)".utf8), to: &records) }
        guard !records.isEmpty else { return [] }
        var block = Block(time: time)
        block.set(name: Array("pax_global_header".utf8))
        block.set(type: "g", mode: 0o666, size: Int64(records.count))
        return block.finished() + padded(records)
    }

    /// The headers of a member; content follows only for files.
    ///
    /// - Parameters:
    ///   - size: bytes of a file, else ignored.
    ///   - target: what a symbolic link points to.
    func header(of entry: ArchiveEntry, size: Int64, target: [UInt8] = []) -> [UInt8] {
        var records: [UInt8] = []
        var block = Block(time: time)
        setName(entry, &block, &records)
        switch entry.kind {
        case .directory, .submodule:
            block.set(type: "5", mode: 0o775, size: 0)
        case .symlink:
            if target.count > Self.nameBytes {
                block.set(linkName: Array("see \(entry.oid).paxheader".utf8))
                append("linkpath", target, to: &records)
            } else {
                block.set(linkName: target)
            }
            block.set(type: "2", mode: 0o777, size: 0)
        case .file(let isExecutable):
            if size > Self.numberLimit { append("size", Array("\(size)".utf8), to: &records) }
            block.set(type: "0", mode: isExecutable ? 0o775 : 0o664, size: size > Self.numberLimit ? 0 : size)
        }
        guard !records.isEmpty else { return block.finished() }
        var extended = Block(time: time)
        extended.set(name: Array("\(entry.oid).paxheader".utf8))
        extended.set(type: "x", mode: 0o666, size: Int64(records.count))
        return extended.finished() + padded(records) + block.finished()
    }

    /// Puts the path where it fits: into the name, into prefix and name, or into a record in front.
    private func setName(_ entry: ArchiveEntry, _ block: inout Block, _ records: inout [UInt8]) {
        let path = entry.path
        guard path.count > Self.nameBytes else { return block.set(name: path) }
        let split = prefixLength(of: path)
        if split > 0, path.count - split - 1 <= Self.nameBytes {
            block.set(prefix: path[..<split])
            block.set(name: path[(split + 1)...])
        } else {
            block.set(name: Array("\(entry.oid).data".utf8))
            append("path", path, to: &records)
        }
    }

    /// Where the last slash is at which a path can be split.
    private func prefixLength(of path: [UInt8]) -> Int {
        var index = path.count
        if index > 1, path[index - 1] == UInt8(ascii: "/") { index -= 1 }
        index = min(index, Self.prefixBytes)
        repeat { index -= 1 } while index > 0 && path[index] != UInt8(ascii: "/")
        return index
    }

    /// Appends `length SP keyword=value LF`, whose length counts itself.
    private func append(_ keyword: String, _ value: [UInt8], to records: inout [UInt8]) {
        let rest = 1 + keyword.utf8.count + 1 + value.count + 1
        var length = rest + 1
        while "\(length)".utf8.count + rest > length { length += 1 }
        records += Array("\(length) \(keyword)=".utf8) + value + [UInt8(ascii: "\n")]
    }

    private func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: Self.padding(after: Int64(bytes.count)))
    }

    /// Zeros that follow content of this size.
    static func padding(after size: Int64) -> Int {
        let rest = Int(size % Int64(blockBytes))
        return rest == 0 ? 0 : blockBytes - rest
    }

    /// Zeros that end an archive of this size: at least two blocks, up to a whole record.
    static func trailer(after size: Int64) -> Int {
        let tail = recordBytes - size % recordBytes
        return Int(tail < Int64(2 * blockBytes) ? tail + recordBytes : tail)
    }

    /// One header block.
    private struct Block {
        private var bytes = [UInt8](repeating: 0, count: TarFormat.blockBytes)

        init(time: Int64) {
            put("\(TarFormat.octal(0, 7))", 108)
            put("\(TarFormat.octal(0, 7))", 116)
            put(TarFormat.octal(time, 11), 136)
            put("ustar\u{0}00", 257)
            put("root", 265)
            put("root", 297)
            put(TarFormat.octal(0, 7), 329)
            put(TarFormat.octal(0, 7), 337)
        }

        mutating func set(name: some Collection<UInt8>) { put(name, 0) }

        mutating func set(prefix: some Collection<UInt8>) { put(prefix, 345) }

        mutating func set(linkName: some Collection<UInt8>) { put(linkName, 157) }

        mutating func set(type: String, mode: Int64, size: Int64) {
            put(TarFormat.octal(mode, 7), 100)
            put(TarFormat.octal(size, 11), 124)
            put(type, 156)
        }

        private mutating func put(_ text: String, _ offset: Int) { put(Array(text.utf8), offset) }

        private mutating func put(_ field: some Collection<UInt8>, _ offset: Int) {
            bytes.replaceSubrange(offset..<(offset + field.count), with: field)
        }

        /// The block with its checksum, which is the sum of its bytes with spaces in place of the checksum.
        func finished() -> [UInt8] {
            var block = self
            block.put("        ", 148)
            let sum = block.bytes.reduce(0) { $0 + Int64($1) }
            block.put(TarFormat.octal(sum, 7) + "\u{0}", 148)
            return block.bytes
        }
    }

    private static func octal(_ number: Int64, _ digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
