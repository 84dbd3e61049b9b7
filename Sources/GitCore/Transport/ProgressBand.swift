import NIOCore

/// Progress texts on band 2, and the packets that keep a silent connection alive.
///
/// Texts come at most twice a second; after five seconds without anything a keepalive is sent.
struct ProgressBand {
    private let sink: any ByteSink
    private let band: SideBandLimit
    private let isQuiet: Bool
    private let now: @Sendable () -> Int64
    private var lastText: Int64
    private var lastWrite: Int64
    private var lastYield: Int64

    private static let textInterval: Int64 = 500_000_000
    private static let keepaliveInterval: Int64 = 5_000_000_000
    private static let yieldInterval: Int64 = 20_000_000

    init(_ sink: any ByteSink, band: SideBandLimit, isQuiet: Bool, now: @escaping @Sendable () -> Int64) {
        self.sink = sink
        self.band = band
        self.isQuiet = isQuiet
        self.now = now
        lastText = now()
        lastWrite = lastText
        lastYield = lastText
    }

    /// Called between steps of long work: may write, lets other conversations have the thread, stops when cancelled.
    mutating func tick(_ text: @autoclosure () -> String) async throws {
        try Task.checkCancellation()
        let time = now()
        if !isQuiet, band != .none, time - lastText >= Self.textInterval {
            try await write(text() + "\r")
        } else if band != .none, time - lastWrite >= Self.keepaliveInterval {
            var buffer = ByteBuffer()
            buffer.writeKeepalive(limit: band)
            try await sink.write(buffer)
            lastWrite = time
        } else if time - lastYield >= Self.yieldInterval {
            lastYield = time
            await Task.yield()
        }
    }

    /// The last text of a phase, which stays on the client's screen.
    mutating func finish(_ text: String) async throws {
        guard !isQuiet, band != .none else { return }
        try await write(text + ", done.\n")
    }

    /// A line for the person at the other end.
    mutating func say(_ line: String) async throws {
        guard band != .none else { return }
        try await write(line + "\n")
    }

    /// Notes that something else was written.
    mutating func noteWrite() {
        lastWrite = now()
    }

    private mutating func write(_ text: String) async throws {
        var buffer = ByteBuffer()
        buffer.writeSideBand(.progress, text: text, limit: band)
        try await sink.write(buffer)
        lastText = now()
        lastWrite = lastText
    }
}
