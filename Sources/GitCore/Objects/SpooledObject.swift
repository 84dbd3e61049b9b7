/// An object too large for memory, in a temporary file without a name: it vanishes with its last reference.
package struct SpooledObject: Sendable {
    package let type: ObjectType
    /// Bytes of the content.
    package let size: Int64
    package let file: OpenFile

    /// Inflates a whole entry.
    static func inflate(
        _ header: PackEntryHeader,
        in file: OpenFile,
        at offset: Int64,
        end: Int64,
        with entries: EntryReader,
        directory: String
    ) throws -> SpooledObject {
        guard let type = header.type.objectType else { throw PackError.malformed("a delta is no whole object") }
        let output = FileAppender(try OpenFile(temporaryIn: directory))
        try entries.stream(header, in: file, at: offset, end: end) { try output.append($0) }
        try output.flush()
        return SpooledObject(type: type, size: output.count, file: output.file)
    }

    /// Writes an object that is in memory.
    static func write(_ object: GitObject, directory: String) throws -> SpooledObject {
        let output = FileAppender(try OpenFile(temporaryIn: directory))
        try output.append(object.bytes)
        try output.flush()
        return SpooledObject(type: object.type, size: output.count, file: output.file)
    }

    /// The object that a delta makes out of this one.
    ///
    /// - Parameter limit: the largest result in bytes.
    func applying(
        _ header: PackEntryHeader,
        in file: OpenFile,
        at offset: Int64,
        end: Int64,
        with entries: EntryReader,
        directory: String,
        limit: Int64
    ) throws -> SpooledObject {
        let output = FileAppender(try OpenFile(temporaryIn: directory))
        let copied = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { copied.deallocate() }
        var parser = DeltaParser(limit: limit)
        try entries.stream(header, in: file, at: offset, end: end) { chunk in
            try parser.parse(chunk) { instruction in
                switch instruction {
                case .header(let sourceSize, _):
                    guard sourceSize == UInt64(clamping: size) else {
                        throw DeltaError.baseSizeMismatch(declared: sourceSize, actual: Int(clamping: size))
                    }
                case .insert(let bytes):
                    try output.append(bytes)
                case .copy(let offset, let count):
                    try copy(Int64(clamping: offset), count, through: copied, to: output)
                }
            }
        }
        try parser.finish()
        try output.flush()
        return SpooledObject(type: type, size: output.count, file: output.file)
    }

    private func copy(
        _ offset: Int64,
        _ count: Int,
        through buffer: UnsafeMutableRawBufferPointer,
        to output: FileAppender
    ) throws {
        var done = 0
        while done < count {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, count - done)])
            try file.readAll(into: piece, at: offset + Int64(done))
            try output.append(UnsafeRawBufferPointer(piece))
            done += piece.count
        }
    }

    /// Hands the content on in pieces.
    package func stream(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while position < size {
            try Task.checkCancellation()
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(buffer.count), size - position))]
            )
            try file.readAll(into: piece, at: position)
            try emit(UnsafeRawBufferPointer(piece))
            position += Int64(piece.count)
        }
    }
}
