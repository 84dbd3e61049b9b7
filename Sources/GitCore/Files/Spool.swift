/// Bytes on their way: in memory while they are few, in a file without a name when they are many.
///
/// Belongs to one thread at a time.
package final class Spool {
    /// Bytes so far.
    package private(set) var count: Int64 = 0
    private let directory: String
    private let memoryLimit: Int
    private var bytes: [UInt8] = []
    private var appender: FileAppender?

    private static let pieceBytes = 256 << 10

    /// - Parameters:
    ///   - directory: where a file is made if it comes to that.
    ///   - memoryLimit: bytes that are kept in memory.
    package init(in directory: String, memoryLimit: Int = 256 << 10) {
        self.directory = directory
        self.memoryLimit = memoryLimit
    }

    /// Takes the next bytes.
    package func append(_ piece: UnsafeRawBufferPointer) throws {
        count += Int64(piece.count)
        if let appender { return try appender.append(piece) }
        guard bytes.count + piece.count > memoryLimit else { return bytes.append(contentsOf: piece) }
        try Directories.create(directory)
        let appender = FileAppender(try OpenFile(temporaryIn: directory))
        try appender.append(bytes)
        try appender.append(piece)
        self.appender = appender
        bytes = []
    }

    /// Takes the next bytes.
    package func append(_ piece: [UInt8]) throws {
        try piece.withUnsafeBytes { try append($0) }
    }

    /// Gives all bytes, in pieces; can be called again.
    package func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let appender else { return try bytes.withUnsafeBytes { if !$0.isEmpty { try body($0) } } }
        try appender.flush()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while position < count {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(buffer.count), count - position))]
            )
            try appender.file.readAll(into: piece, at: position)
            try body(UnsafeRawBufferPointer(piece))
            position += Int64(piece.count)
        }
    }
}
