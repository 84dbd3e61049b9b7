import NIOCore

/// Selects objects and sends them as a pack, in a side band or bare.
struct PackSender {
    let sink: any ByteSink
    let context: GitContext
    let request: FetchRequest
    let temporaryDirectory: String

    /// Steps of selection between two looks at the clock.
    private static let stepCount = 500
    /// Side-band packets that leave in one write.
    private static let packetsPerWrite = 4

    /// Sends everything; the stream is complete afterwards, its flush-pkt included.
    ///
    /// - Throws: what reading or the client's going away throws; a message on band 3 is the caller's.
    func send(_ selection: any ObjectSelecting) async throws -> PackSummary {
        var progress = ProgressBand(sink, band: request.sideBand, isQuiet: request.noProgress, now: context.now)
        while try selection.advance(Self.stepCount) {
            try await progress.tick("Enumerating objects: \(selection.count)")
        }
        try await progress.finish("Enumerating objects: \(selection.count)")
        // A client that leaves objects out may not have the bases that we would think it has.
        let options = PackStream.Options(
            ofsDelta: request.ofsDelta,
            thin: request.thinPack && request.filter == nil,
            temporaryDirectory: temporaryDirectory
        )
        let stream = try PackStream(selection.contents(), options: options)
        var bytes: Int64 = 0
        var isMore = true
        while isMore {
            try Task.checkCancellation()
            var buffer = ByteBuffer()
            isMore = try fill(&buffer, from: stream)
            bytes += Int64(buffer.readableBytes)
            try await sink.write(buffer)
        }
        if request.sideBand != .none {
            var end = ByteBuffer()
            end.writeFlushPkt()
            try await sink.write(end)
        }
        return PackSummary(objects: stream.progress.total, bytes: bytes)
    }

    private func fill(_ buffer: inout ByteBuffer, from stream: PackStream) throws -> Bool {
        let payload = request.sideBand == .none ? SideBandLimit.large.rawValue : request.sideBand.rawValue
        buffer.reserveCapacity(Self.packetsPerWrite * (payload + 5))
        for _ in 0..<Self.packetsPerWrite {
            guard request.sideBand != .none else {
                guard try stream.read(into: &buffer, limit: payload) else { return false }
                continue
            }
            var isMore = true
            var failure: (any Error)?
            let start = buffer.writerIndex
            buffer.writePktLine { line in
                line.writeInteger(SideBand.data.rawValue)
                do { isMore = try stream.read(into: &line, limit: payload) } catch { failure = error }
            }
            if let failure { throw failure }
            // Nothing was left: take the empty packet back.
            if buffer.writerIndex - start == 5 { buffer.moveWriterIndex(to: start) }
            guard isMore else { return false }
        }
        return true
    }
}

/// What a pack on the wire amounted to.
package struct PackSummary: Sendable, Equatable {
    package var objects: Int
    /// Bytes written, framing included.
    package var bytes: Int64
}
