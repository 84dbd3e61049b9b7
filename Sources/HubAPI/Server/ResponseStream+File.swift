import NIOCore

/// Bodies that the kernel copies from a file to the socket.
extension ResponseStream {
    /// Bytes that are given to the socket at a time: many, as they cost no memory and each piece costs a few switches of
    /// threads.
    private static let piece: Int64 = 8 << 20

    /// Sends a range of a file and waits until the kernel has taken it; for connections without TLS only.
    ///
    /// No byte of it passes through the process's memory. While one piece is on its way, the next is read into the kernel's
    /// cache; the socket's own buffer bridges the moment between them.
    package func write(_ file: ServedFile, range: Range<Int64>) async throws {
        guard !range.isEmpty else { return }
        start()
        guard !isHead else { return }
        var position = range.lowerBound
        var previous: EventLoopFuture<Void>?
        while position < range.upperBound {
            try Task.checkCancellation()
            let next = position..<min(position + Self.piece, range.upperBound)
            try await file.warm(next)
            try await wait(for: previous)
            previous = send(file, next)
            position = next.upperBound
        }
        try await wait(for: previous)
    }

    private func send(_ file: ServedFile, _ range: Range<Int64>) -> EventLoopFuture<Void> {
        let written = transmit(.file(file.region(range)), true)
        noteSent(range.count)
        written.whenComplete { _ in withExtendedLifetime(file) {} }
        return written
    }

    private func wait(for written: EventLoopFuture<Void>?) async throws {
        do {
            try await written?.get()
        } catch {
            // The connection is gone, and so is whoever the answer was for.
            throw CancellationError()
        }
    }
}
