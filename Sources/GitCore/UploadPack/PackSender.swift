import NIOCore

/// Sends a pack, in a side band or bare, and says meanwhile how far it is.
struct PackSender {
    let sink: any ByteSink
    let context: GitContext
    let request: FetchRequest

    /// Steps of selection between two looks at the clock.
    private static let stepCount = 500
    /// Side-band packets that leave in one write.
    private static let packetsPerWrite = 4

    /// Selects objects and sends them; the stream is complete afterwards, its flush-pkt included.
    ///
    /// - Throws: what reading or the client's going away throws; a message on band 3 is the caller's.
    func send(_ selection: any ObjectSelecting, _ options: PackStream.Options) async throws -> PackSummary {
        var progress = progress
        while try selection.advance(Self.stepCount) {
            try await progress.tick("Enumerating objects: \(selection.count)")
        }
        try await progress.finish("Enumerating objects: \(selection.count)")
        let stream = try PackStream(selection.contents(), options: options)
        var bytes: Int64 = 0
        var isMore = true
        while isMore {
            try Task.checkCancellation()
            var buffer = ByteBuffer()
            isMore = try fill(&buffer) { try stream.read(into: &$0, limit: $1) }
            bytes += Int64(buffer.readableBytes)
            try await sink.write(buffer)
        }
        try await finish()
        return PackSummary(objects: stream.progress.total, bytes: bytes)
    }

    /// Sends what is produced for several clients, at this one's pace.
    ///
    /// - Throws: the same, and `PackCacheError` as long as nothing was sent.
    func send(_ seat: PackCache.Seat, of cache: PackCache) async throws -> PackSummary {
        var bytes: Int64 = 0
        defer { cache.leave(seat, after: bytes) }
        do {
            var look = try await seat.pack.look(after: 0)
            var progress = progress
            while !look.isSelected, look.objects == nil {
                try await progress.tick("Enumerating objects: \(look.selected)")
                look = try await seat.pack.look(after: look.version)
            }
            try await progress.finish("Enumerating objects: \(look.selected)")
            var position: Int64 = 0
            while true {
                while let file = look.file, position < look.produced {
                    try Task.checkCancellation()
                    // A stored pack is its own file, in which nothing begins again.
                    let ring = FileRing(file: file, capacity: look.isBorrowed ? look.produced : seat.pack.capacity)
                    var buffer = ByteBuffer()
                    _ = try fill(&buffer) { try ring.append(to: &$0, at: &position, below: look.produced, limit: $1) }
                    seat.pack.note(position, of: seat.reader)
                    bytes += Int64(buffer.readableBytes)
                    try await sink.write(buffer)
                }
                if let objects = look.objects {
                    try await finish()
                    return PackSummary(objects: objects, bytes: bytes)
                }
                look = try await seat.pack.look(after: look.version)
            }
        } catch is PackCacheError where bytes > 0 {
            throw PackError.malformed("a pack for several clients could not be finished")
        }
    }

    private var progress: ProgressBand {
        ProgressBand(sink, band: request.sideBand, isQuiet: request.noProgress, now: context.now)
    }

    private func finish() async throws {
        guard request.sideBand != .none else { return }
        var end = ByteBuffer()
        end.writeFlushPkt()
        try await sink.write(end)
    }

    /// Frames some of a pack.
    ///
    /// - Parameter read: appends up to so many bytes; false when there are none, for now or altogether.
    private func fill(_ buffer: inout ByteBuffer, _ read: (inout ByteBuffer, Int) throws -> Bool) throws -> Bool {
        let payload = request.sideBand == .none ? SideBandLimit.large.rawValue : request.sideBand.rawValue
        buffer.reserveCapacity(Self.packetsPerWrite * (payload + 5))
        for _ in 0..<Self.packetsPerWrite {
            guard request.sideBand != .none else {
                guard try read(&buffer, payload) else { return false }
                continue
            }
            var isMore = true
            var failure: (any Error)?
            let start = buffer.writerIndex
            buffer.writePktLine { line in
                line.writeInteger(SideBand.data.rawValue)
                do { isMore = try read(&line, payload) } catch { failure = error }
            }
            if let failure { throw failure }
            // Nothing was left: take the empty packet back.
            if buffer.writerIndex - start == 5 { buffer.moveWriterIndex(to: start) }
            guard isMore else { return false }
        }
        return true
    }
}

extension FileRing {
    /// Appends what lies from `position` on; false when nothing does.
    fileprivate func append(
        to buffer: inout ByteBuffer,
        at position: inout Int64,
        below end: Int64,
        limit: Int
    ) throws -> Bool {
        let wanted = Int(min(Int64(limit), end - position))
        guard wanted > 0 else { return false }
        let start = position
        try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { room in
            try read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<wanted]), at: start)
            return wanted
        }
        position += Int64(wanted)
        return true
    }
}

/// What a pack on the wire amounted to.
package struct PackSummary: Sendable, Equatable {
    package var objects: Int
    /// Bytes written, framing included.
    package var bytes: Int64
}
