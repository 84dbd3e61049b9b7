import OpenSSLKit

/// Appends the bases that a thin pack leaves out, so that a stored pack never needs another.
enum ThinPackCompletion {
    /// Appends `bases` out of the repository, then writes the new count and trailer.
    ///
    /// The whole file is read once for the new checksum, as the count in front of it changes.
    /// - Returns: the trailer of the pack as it is now.
    static func complete(_ pack: IncomingPack, with bases: [ObjectID], from repository: ObjectReader) throws -> ObjectID
    {
        let file = pack.file
        guard !bases.isEmpty else { return try trailer(of: file, at: pack.trailerOffset) }
        var position = pack.trailerOffset
        for oid in bases {
            let entry = try append(oid, at: position, of: pack, from: repository)
            pack.entries.append(entry.entry)
            position += entry.length
        }
        pack.trailerOffset = position
        guard let count = UInt32(exactly: pack.entries.count) else {
            throw PackRefusal.limit("pack has too many objects")
        }
        try Pack.header(count: count).withUnsafeBytes { try file.write($0, at: 0) }
        let checksum = try self.checksum(of: file, upTo: position)
        try checksum.withUnsafeBytes { try file.write($0, at: position) }
        try file.truncate(to: position + Int64(checksum.count))
        guard let trailer = ObjectID(bytes: checksum) else { throw PackRefusal.malformed("pack checksum is wrong") }
        return trailer
    }

    private static func append(
        _ oid: ObjectID,
        at offset: Int64,
        of pack: IncomingPack,
        from repository: ObjectReader
    ) throws -> (entry: IncomingEntry, length: Int64) {
        guard let location = repository.packs.locate(oid) else { throw PackRefusal.missingBase(oid) }
        let (type, size) = try repository.header(at: location)
        let file = pack.file
        var header: [UInt8] = []
        PackEntryHeader.encode(type: PackEntryType(type), size: UInt64(clamping: size), into: &header)
        var position = offset
        var crc: UInt32 = 0
        func write(_ bytes: UnsafeRawBufferPointer) throws {
            try file.write(bytes, at: position)
            position += Int64(bytes.count)
            crc = crc32(bytes, continuing: crc)
        }
        try header.withUnsafeBytes(write)
        let limit = pack.memoryLimit(for: type)
        if size <= Int64(limit), let object = try repository.objectInMemory(at: location, limit: limit) {
            let compressed = try object.bytes.withUnsafeBytes { try WholeDeflater(level: 1).deflate($0) }
            try compressed.withUnsafeBytes(write)
        } else {
            let deflater = try StreamDeflater(level: 1)
            try repository.spool(location, in: pack.directory).stream {
                try deflater.deflate($0, isLast: false, emit: write)
            }
            try deflater.deflate(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, emit: write)
        }
        let entry = IncomingEntry(
            offset: offset,
            size: size,
            oid: oid,
            crc32: crc,
            type: PackEntryType(type),
            headerBytes: UInt8(header.count),
            objectType: type
        )
        return (entry, position - offset)
    }

    private static func trailer(of file: OpenFile, at offset: Int64) throws -> ObjectID {
        var bytes = [UInt8](repeating: 0, count: ObjectID.byteCount)
        try bytes.withUnsafeMutableBytes { try file.readAll(into: $0, at: offset) }
        return ObjectID(bytes: bytes) ?? .zero
    }

    private static func checksum(of file: OpenFile, upTo end: Int64) throws -> [UInt8] {
        let checksum = try SHA1Stream()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while position < end {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(buffer.count), end - position))]
            )
            try file.readAll(into: piece, at: position)
            try checksum.update(UnsafeRawBufferPointer(piece))
            position += Int64(piece.count)
        }
        return try checksum.finalize()
    }
}
