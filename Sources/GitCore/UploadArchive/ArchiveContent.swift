/// The content of a file or link, in memory or in a temporary file.
enum ArchiveContent {
    case memory([UInt8])
    case spooled(SpooledObject)

    /// Bytes.
    var size: Int64 {
        switch self {
        case .memory(let bytes): Int64(bytes.count)
        case .spooled(let object): object.size
        }
    }

    private static let pieceBytes = 256 << 10

    /// Hands the content on in pieces.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void, then pause: () async throws -> Void) async throws
    {
        switch self {
        case .memory(let bytes):
            for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
                try bytes.withUnsafeBytes { bytes in
                    let end = min(start + Self.pieceBytes, bytes.count)
                    try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                }
                try await pause()
            }
        case .spooled(let object):
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 16)
            defer { buffer.deallocate() }
            var position: Int64 = 0
            while position < object.size {
                let wanted = Int(min(Int64(buffer.count), object.size - position))
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
                try object.file.readAll(into: piece, at: position)
                try body(UnsafeRawBufferPointer(piece))
                position += Int64(wanted)
                try await pause()
            }
        }
    }
}

/// Reads what the members of an archive hold.
struct ArchiveSource {
    let reader: ObjectReader
    let temporaryDirectory: String
    /// Larger blobs go through temporary files, as they are stored.
    let memoryLimit: Int

    /// The content of a file or link as it is to be written.
    func content(of entry: ArchiveEntry) throws -> ArchiveContent {
        guard let location = reader.packs.locate(entry.oid) else { throw PackError.missing(entry.oid) }
        let (type, size) = try reader.header(at: location)
        guard type == .blob else { throw PackError.missing(entry.oid) }
        if size <= Int64(memoryLimit), let blob = try reader.objectInMemory(at: location, limit: memoryLimit) {
            guard !entry.conversion.isIdentity else { return .memory(blob.bytes) }
            return .memory(entry.conversion.apply(to: blob.bytes, oid: entry.oid))
        }
        return .spooled(try reader.spool(location, in: temporaryDirectory))
    }

    /// What a symbolic link points to.
    func target(of entry: ArchiveEntry) throws -> [UInt8] {
        do {
            guard let link = try reader.object(entry.oid, limit: memoryLimit) else {
                throw PackError.missing(entry.oid)
            }
            return link.bytes
        } catch PackError.tooLarge {
            throw ArchiveRefusal.limit("\(memoryLimit) bytes in a symbolic link")
        }
    }
}
