extension PackStream {
    /// How a stored entry goes into the output.
    private enum Form {
        /// As it lies.
        case verbatim
        /// Behind another header: the base is at another distance, or named by its id.
        case rebased(PackEntryHeader, [UInt8])
        /// Whole: the client can do nothing with the stored form.
        case rebuilt
    }

    /// Queues the next objects; false when there are none.
    func queueNext() throws -> Bool {
        while cursor.pack < packs.packs.count {
            if let rank = contents.plan.sets[cursor.pack].first(from: cursor.rank) {
                cursor.rank = rank
                try queue()
                return true
            }
            cursor = (cursor.pack + 1, 0)
        }
        return false
    }

    /// Queues the object at the cursor, and those behind it that go along.
    private func queue() throws {
        let pack = packs.packs[cursor.pack]
        // All offsets stay as they are or move alike, so no delta needs to be looked at.
        if cursor.rank == 0, options.ofsDelta, contents.plan.isWhole(cursor.pack) {
            try queueRange(from: Int64(Pack.headerBytes), to: pack.order.entriesEnd, count: pack.index.count)
            cursor.rank = pack.index.count
            return
        }
        let start = pack.order.offset(ofRank: cursor.rank)
        switch try form(of: cursor.rank, at: start, in: pack, runStart: nil) {
        case .verbatim:
            try queueRun(from: start, in: pack)
        case .rebased(let header, let bytes):
            let end = pack.order.end(ofRank: cursor.rank)
            runs.append(pack: cursor.pack, from: start, to: end, output: position)
            head = bytes[...]
            range = FileRange(file: try pack.file(), from: start + Int64(header.byteCount), to: end)
            cursor.rank += 1
            written += 1
        case .rebuilt:
            let location = ObjectLocation(pack: cursor.pack, offset: start)
            runs.append(pack: cursor.pack, from: start, to: pack.order.end(ofRank: cursor.rank), output: position)
            try queueRebuilt(location)
            cursor.rank += 1
            written += 1
        }
    }

    /// A run ends after so many bytes: its headers and its content are then read from the file once.
    private static let runBytes = Int64(PackWindow.capacity) / 2

    /// Queues the entry at the cursor, which goes as it lies, and as many behind it as do so too.
    private func queueRun(from start: Int64, in pack: Pack) throws {
        let first = cursor.rank
        let set = contents.plan.sets[cursor.pack]
        var end = pack.order.end(ofRank: first)
        cursor.rank += 1
        while set.contains(cursor.rank), end - start < Self.runBytes {
            guard case .verbatim = try form(of: cursor.rank, at: end, in: pack, runStart: start) else { break }
            end = pack.order.end(ofRank: cursor.rank)
            cursor.rank += 1
        }
        try queueRange(from: start, to: end, count: cursor.rank - first)
    }

    private func queueRange(from start: Int64, to end: Int64, count: Int) throws {
        guard start < end else { throw PackError.malformed("entry at \(start)") }
        runs.append(pack: cursor.pack, from: start, to: end, output: position)
        range = FileRange(file: try packs.packs[cursor.pack].file(), from: start, to: end)
        written += count
    }

    /// - Parameter runStart: where the run begins that the entry would lengthen; nil when it begins one.
    private func form(of rank: Int, at offset: Int64, in pack: Pack, runStart: Int64?) throws -> Form {
        let bytes = try window.bytes(of: try pack.file(), at: offset, wanted: PackEntryHeader.maximumByteCount)
        guard let header = try PackEntryHeader.parse(bytes) else { throw PackError.malformed("entry header cut off") }
        let oid: ObjectID
        switch header.base {
        case .none:
            return .verbatim
        case .id(let base):
            oid = base
        case .distance(let distance):
            let base = ObjectLocation(pack: cursor.pack, offset: offset - Int64(clamping: distance))
            // Inside the run everything moves alike.
            if options.ofsDelta, let runStart, base.offset >= runStart { return .verbatim }
            let outputOffset = position + (offset - (runStart ?? offset))
            if options.ofsDelta, let base = runs.output(of: base) {
                let moved = UInt64(clamping: outputOffset - base)
                return moved == distance ? .verbatim : .rebased(header, Self.header(header, distance: moved))
            }
            guard let rank = pack.order.rank(ofOffset: base.offset) else {
                throw PackError.malformed("no entry at \(base.offset)")
            }
            oid = pack.index.oid(at: pack.order.position(atRank: rank))
        }
        return try form(of: header, base: oid, output: position + (offset - (runStart ?? offset)))
    }

    /// The form of a delta whose base is known by its id: in another pack, or at the client's.
    private func form(of header: PackEntryHeader, base: ObjectID, output: Int64) throws -> Form {
        if options.ofsDelta, let written = writtenOutput(of: base) {
            return .rebased(header, Self.header(header, distance: UInt64(clamping: output - written)))
        }
        guard contents.plan.contains(base) || (options.thin && contents.isHad(base)) else { return .rebuilt }
        if case .id = header.base { return .verbatim }
        var bytes: [UInt8] = []
        PackEntryHeader.encode(type: .refDelta, size: header.size, into: &bytes)
        base.append(to: &bytes)
        return .rebased(header, bytes)
    }

    private func writtenOutput(of oid: ObjectID) -> Int64? {
        for (number, pack) in packs.packs.enumerated() where contents.plan.sets[number].bound > 0 {
            guard let position = pack.index.position(of: oid) else { continue }
            let location = ObjectLocation(pack: number, offset: pack.index.offset(at: position))
            if let output = runs.output(of: location) { return output }
        }
        return nil
    }

    private static func header(_ header: PackEntryHeader, distance: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        PackEntryHeader.encode(type: .ofsDelta, size: header.size, into: &bytes)
        PackEntryHeader.encodeOffset(distance, into: &bytes)
        return bytes
    }
}

extension PackStream {
    /// Objects over this size are rebuilt in temporary files.
    private static let memoryLimit = GitLimits.standard.objectBytesInMemory

    /// Queues an object whose stored form is of no use to the client: whole, freshly compressed.
    private func queueRebuilt(_ item: ObjectLocation) throws {
        let (type, size) = try contents.reader.header(at: item)
        var bytes: [UInt8] = []
        PackEntryHeader.encode(type: PackEntryType(type), size: UInt64(clamping: size), into: &bytes)
        guard size <= Int64(Self.memoryLimit),
            let object = try contents.reader.objectInMemory(at: item, limit: Self.memoryLimit)
        else {
            head = bytes[...]
            return range = try compressedInFile(item)
        }
        let deflater = try deflater ?? WholeDeflater(level: 1)
        self.deflater = deflater
        bytes.append(contentsOf: object.bytes.withUnsafeBytes { deflater.deflate($0) })
        head = bytes[...]
    }

    private func compressedInFile(_ item: ObjectLocation) throws -> FileRange {
        let spooled = try contents.reader.spool(item, in: options.temporaryDirectory)
        let output = FileAppender(try OpenFile(temporaryIn: options.temporaryDirectory))
        let stream = try StreamDeflater(level: 1)
        try spooled.stream { try stream.deflate($0, isLast: false) { try output.append($0) } }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        try stream.deflate(nothing, isLast: true) { try output.append($0) }
        try output.flush()
        return FileRange(file: output.file, from: 0, to: output.count)
    }
}
