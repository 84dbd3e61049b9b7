/// Writes the members of an archive in one format.
protocol ArchiveWriter {
    /// Adds one member.
    func add(_ entry: ArchiveEntry) async throws
    /// Writes what ends the archive.
    func finish() async throws
}

/// Writes a tar.
struct TarWriter: ArchiveWriter {
    private let format: TarFormat
    private let source: ArchiveSource
    private let output: ArchiveOutput

    init(_ source: ArchiveSource, _ output: ArchiveOutput, time: Int64, commit: ObjectID?) throws {
        format = TarFormat(time: time)
        self.source = source
        self.output = output
        try output.append(format.start(commit: commit))
    }

    func add(_ entry: ArchiveEntry) async throws {
        switch entry.kind {
        case .directory, .submodule:
            try output.append(format.header(of: entry, size: 0))
        case .symlink:
            try output.append(format.header(of: entry, size: 0, target: try source.target(of: entry)))
        case .file:
            let content = try source.content(of: entry)
            try output.append(format.header(of: entry, size: content.size))
            try await content.forEachPiece(output.append, then: output.advance)
            try output.appendZeros(TarFormat.padding(after: content.size))
        }
        try await output.advance()
    }

    func finish() async throws {
        try output.appendZeros(TarFormat.trailer(after: output.count))
    }
}

/// Writes a zip; the directory at its end waits in a temporary file.
final class ZipWriter: ArchiveWriter {
    private let format: ZipFormat
    private let source: ArchiveSource
    private let output: ArchiveOutput
    private let commit: ObjectID?
    private let level: Int32
    private let directory: FileAppender
    private var count = 0
    private lazy var deflater = Result { try WholeDeflater(level: level) }

    /// What zlib takes for its usual level.
    private static let usualLevel: Int32 = 6

    init(_ source: ArchiveSource, _ output: ArchiveOutput, time: Int64, commit: ObjectID?, level: Int32?) throws {
        format = ZipFormat(time: time)
        self.source = source
        self.output = output
        self.commit = commit
        self.level = level ?? Self.usualLevel
        directory = FileAppender(try OpenFile(temporaryIn: source.temporaryDirectory))
    }

    func add(_ entry: ArchiveEntry) async throws {
        switch entry.kind {
        case .directory, .submodule: try add(entry, stored: [], size: 0)
        case .symlink:
            let target = try source.target(of: entry)
            try add(entry, stored: target, size: Int64(target.count), crc32: crc(target))
        case .file:
            switch try source.content(of: entry) {
            case .memory(let bytes): try add(entry, bytes)
            case .spooled(let object): try await add(entry, .spooled(object))
            }
        }
        try await output.advance()
    }

    private func add(_ entry: ArchiveEntry, _ bytes: [UInt8]) throws {
        let size = Int64(bytes.count)
        let crc32 = crc(bytes)
        if level > 0, !bytes.isEmpty {
            let stream = try bytes.withUnsafeBytes { try deflater.get().deflate($0) }
            // Without zlib's header and checksum.
            let deflated = Array(stream.dropFirst(2).dropLast(4))
            if deflated.count < bytes.count {
                return try add(entry, stored: deflated, size: size, crc32: crc32, method: .deflated)
            }
        }
        try add(entry, stored: bytes, size: size, crc32: crc32)
    }

    /// Adds a member that is in memory as it is to be stored.
    private func add(
        _ entry: ArchiveEntry,
        stored: [UInt8],
        size: Int64,
        crc32: UInt32 = 0,
        method: ZipFormat.Method = .stored
    ) throws {
        let sums = ZipFormat.Sums(crc32: crc32, compressed: Int64(stored.count))
        let member = ZipFormat.Member(entry: entry, method: method, size: size, sums: sums, offset: output.count)
        try output.append(format.localHeader(member))
        try output.append(stored)
        try note(member, sums)
    }

    /// Adds a member that is too large for memory: it is compressed while it is sent, and its sums follow.
    private func add(_ entry: ArchiveEntry, _ content: ArchiveContent) async throws {
        guard level > 0 else { return try await addStored(entry, content) }
        let offset = output.count
        let size = content.size
        let member = ZipFormat.Member(entry: entry, method: .deflated, size: size, sums: nil, offset: offset)
        try output.append(format.localHeader(member))
        let start = output.count
        let stream = try StreamDeflater(level: level, windowBits: -15)
        var crc32: UInt32 = 0
        try await content.forEachPiece(
            { piece in
                crc32 = GitCore.crc32(piece, continuing: crc32)
                try stream.deflate(piece, isLast: false) { try output.append($0) }
            },
            then: output.advance
        )
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        try stream.deflate(nothing, isLast: true) { try output.append($0) }
        let sums = ZipFormat.Sums(crc32: crc32, compressed: output.count - start)
        try output.append(format.dataDescriptor(member, sums))
        try note(member, sums)
    }

    /// Without compression the sums are known in front, at the price of reading twice: nothing marks the end of such content.
    private func addStored(_ entry: ArchiveEntry, _ content: ArchiveContent) async throws {
        var crc32: UInt32 = 0
        try await content.forEachPiece({ crc32 = GitCore.crc32($0, continuing: crc32) }, then: output.advance)
        let size = content.size
        let sums = ZipFormat.Sums(crc32: crc32, compressed: size)
        let member = ZipFormat.Member(entry: entry, method: .stored, size: size, sums: sums, offset: output.count)
        try output.append(format.localHeader(member))
        try await content.forEachPiece(output.append, then: output.advance)
        try note(member, sums)
    }

    private func note(_ member: ZipFormat.Member, _ sums: ZipFormat.Sums) throws {
        count += 1
        try directory.append(format.directoryRecord(member, sums))
    }

    private func crc(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { GitCore.crc32($0) }
    }

    func finish() async throws {
        try directory.flush()
        let start = output.count
        let records = SpooledObject(type: .blob, size: directory.count, file: directory.file)
        try await ArchiveContent.spooled(records).forEachPiece(output.append, then: output.advance)
        try output.append(format.end(count: count, directory: start..<output.count, commit: commit))
    }
}
