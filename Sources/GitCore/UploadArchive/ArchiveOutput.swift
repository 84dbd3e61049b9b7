import NIOCore

/// Takes the bytes of an archive, compresses them if asked to, and sends them on band 1.
///
/// Memory: what is appended between two calls of `advance`, and four packets. Belongs to one conversation.
final class ArchiveOutput {
    private let sink: any ByteSink
    private let limit: Int64
    private let gzip: StreamDeflater?
    private var progress: ProgressBand
    private var pending = ByteBuffer()
    private var remarks = ""
    /// Bytes appended so far.
    private(set) var count: Int64 = 0
    /// Bytes of the archive on the wire, framing included.
    private(set) var sent: Int64 = 0

    private static let packet = SideBandLimit.large.rawValue
    private static let zeros = [UInt8](repeating: 0, count: 10_240)
    private static let remarkBytes = 16 << 10

    /// - Parameters:
    ///   - level: of gzip compression; nil sends the bytes as they are.
    ///   - limit: most bytes that may be appended.
    init(_ sink: any ByteSink, gzipLevel level: Int32?, limit: Int64, now: @escaping @Sendable () -> Int64) throws {
        self.sink = sink
        self.limit = limit
        progress = ProgressBand(sink, band: .large, isQuiet: true, now: now)
        // 15 bits of window, and 16 for the header and checksum of gzip.
        gzip = try level.map { try StreamDeflater(level: $0, windowBits: 15 + 16) }
    }

    /// Takes bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        count += Int64(bytes.count)
        guard count <= limit else { throw ArchiveRefusal.limit("\(limit) bytes") }
        guard let gzip else {
            pending.writeBytes(bytes)
            return
        }
        try gzip.deflate(bytes, isLast: false) { pending.writeBytes($0) }
    }

    /// Takes bytes.
    func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try append($0) }
    }

    /// Takes zeros.
    func appendZeros(_ number: Int) throws {
        var rest = number
        while rest > 0 {
            let piece = min(rest, Self.zeros.count)
            try Self.zeros.withUnsafeBytes { try append(UnsafeRawBufferPointer(rebasing: $0[..<piece])) }
            rest -= piece
        }
    }

    /// Notes a line for the person at the other end.
    func say(_ line: [UInt8]) {
        remarks += String(decoding: line, as: UTF8.self) + "\n"
    }

    /// Called between pieces: sends what fills four packets, lets others work, stops when the task is cancelled.
    func advance() async throws {
        if remarks.utf8.count >= Self.remarkBytes { try await sendRemarks() }
        guard pending.readableBytes >= 4 * Self.packet else { return try await progress.tick("") }
        try Task.checkCancellation()
        try await send(pending.readableBytes / Self.packet * Self.packet)
    }

    /// Sends everything that is left, and the flush-pkt behind it.
    func finish() async throws {
        try gzip?.deflate(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true) { pending.writeBytes($0) }
        try await sendRemarks()
        if pending.readableBytes > 0 { try await send(pending.readableBytes) }
        var end = ByteBuffer()
        end.writeFlushPkt()
        try await sink.write(end)
    }

    private func send(_ length: Int) async throws {
        guard let ready = pending.readSlice(length: length) else { return }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(length + (length / Self.packet + 1) * 5)
        buffer.writeSideBand(.data, ready.readableBytesView, limit: .large)
        var rest = ByteBuffer()
        rest.writeImmutableBuffer(pending)
        pending = rest
        sent += Int64(buffer.readableBytes)
        try await sink.write(buffer)
        progress.noteWrite()
    }

    private func sendRemarks() async throws {
        guard !remarks.isEmpty else { return }
        var buffer = ByteBuffer()
        buffer.writeSideBand(.progress, text: remarks, limit: .large)
        remarks = ""
        try await sink.write(buffer)
        progress.noteWrite()
    }
}
