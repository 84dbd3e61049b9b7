import NIOCore
import Synchronization

/// What the client of a push may still be sending when its fate is known.
enum Unread {
    /// Nothing, or nothing that matters.
    case nothing
    /// Lines or a pack whose end cannot be told.
    case unknown
    /// A pack, or the rest of one.
    case pack(PackEnd)
}

/// Reads and throws away what the client of a full-duplex channel still sends behind its answer.
///
/// A client that is cut off in the middle of its pack reports that, and not the reason it was given. But it need not hang
/// up before the channel does (JGit waits for the server), so the reading ends at the end of the pack, or after three
/// seconds of silence.
struct UnreadBytes: Sendable {
    let now: @Sendable () -> Int64

    /// Most bytes that are read.
    static let byteLimit = 256 << 20
    private static let silence: Int64 = 3_000_000_000
    /// Most nanoseconds in all, for clients that never fall silent.
    private static let patience: Int64 = 600_000_000_000

    /// When the client was last heard, and when the patience ends.
    private final class Ear: Sendable {
        private let last: Mutex<Int64>
        private let end: Int64

        init(_ time: Int64) {
            last = Mutex(time)
            end = time + UnreadBytes.patience
        }

        func hear(_ time: Int64) { last.withLock { $0 = time } }

        /// Nanoseconds to wait before the next look at the clock; nil when it has been too long.
        func wait(_ time: Int64) -> Int64? {
            let deadline = min(last.withLock { $0 } + UnreadBytes.silence, end)
            return deadline > time ? deadline - time : nil
        }
    }

    /// Where the bytes come from, and what ends them.
    struct Source {
        var reader: PacketReader
        var unread: Unread

        init(_ reader: PacketReader, _ unread: Unread) {
            self.reader = reader
            self.unread = unread
        }

        /// Reads until the pack or the source ends, or too much has come.
        mutating func readAll(_ hear: () -> Void) async throws {
            var count = 0
            while count < UnreadBytes.byteLimit, let bytes = try await reader.nextBytes() {
                hear()
                count += bytes.readableBytes
                guard case .pack(var end) = unread else { continue }
                if try bytes.withUnsafeReadableBytes({ try end.receive($0) }) { return }
                unread = .pack(end)
            }
        }
    }

    /// Returns when there is nothing more to wait for; what goes wrong on the way no longer matters.
    ///
    /// - Parameter source: must give up waiting when its task is cancelled.
    func drain(_ source: sending Source) async {
        let ear = Ear(now())
        let reading = Task { [now] in
            var source = source
            try await source.readAll { ear.hear(now()) }
        }
        let watching = Task { [now] in
            while let wait = ear.wait(now()) { try await Task.sleep(nanoseconds: UInt64(clamping: wait)) }
            reading.cancel()
        }
        await withTaskCancellationHandler {
            _ = await reading.result
        } onCancel: {
            reading.cancel()
        }
        watching.cancel()
    }
}
