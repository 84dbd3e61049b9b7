import CLibSSH
import NIOCore

/// One channel of a connection: libssh's end of it, and the two queues that its command uses.
///
/// Touched by the connection's thread alone; the command sees the queues.
final class ExecChannel {
    /// Where the channel is in its life.
    enum Phase {
        /// Open; nothing has been asked for.
        case idle
        /// A command runs.
        case running
        /// Exit status, EOF and close are sent; the client's close is awaited.
        case closing
    }

    /// libssh's channel.
    let pointer: OpaquePointer
    let input: ChannelInput
    let output: ChannelOutput
    var phase = Phase.idle
    /// `GIT_PROTOCOL`, if the client set it.
    var gitProtocol: String?
    /// The command; nil before it starts.
    var task: Task<Void, Never>?
    /// Set by libssh's callback; the channel is freed once the command is over.
    var isClosedByClient = false
    /// Set by libssh's callback.
    var hasEOF = false
    /// The piece that is being sent.
    private var sending: ChannelOutput.Piece?
    /// Bytes that libssh holds because the input was full.
    private var kept = 0
    private let callbacks: UnsafeMutablePointer<ssh_channel_callbacks_struct>

    /// Sent at a time, so that one channel leaves room for the others.
    private static let turnBytes = 1 << 20
    /// Given to libssh at a time; it cuts packets from it.
    private static let writeBytes = 64 << 10
    /// libssh lets up to 1,920,000 bytes wait and keeps what exceeds its window without complaint.
    private static let keptLimit = 3 << 20

    /// - Parameter configure: fills in what libssh is to call.
    init?(
        session: OpaquePointer,
        wakeup: Wakeup,
        now: @escaping @Sendable () -> Int64,
        configure: (inout ssh_channel_callbacks_struct) -> Void
    ) {
        guard let pointer = ssh_channel_new(session) else { return nil }
        self.pointer = pointer
        input = ChannelInput(wakeup: wakeup, now: now)
        output = ChannelOutput(wakeup: wakeup, now: now)
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: ssh_channel_callbacks_struct())
        callbacks.pointee.size = MemoryLayout<ssh_channel_callbacks_struct>.size
        configure(&callbacks.pointee)
        guard ssh_set_channel_callbacks(pointer, callbacks) == SSH_OK else {
            callbacks.deallocate()
            ssh_channel_free(pointer)
            return nil
        }
    }

    /// Gives the channel back to libssh; it must not be touched afterwards.
    ///
    /// - Parameter isSessionAlive: false when the whole session is freed next, which frees its channels itself.
    func free(isSessionAlive: Bool) {
        if isSessionAlive {
            ssh_remove_channel_callbacks(pointer, callbacks)
            // libssh forgets the close when the EOF before it has to wait for the socket; an EOF that is out does not.
            ssh_channel_send_eof(pointer)
            ssh_channel_free(pointer)
        }
    }

    deinit { callbacks.deallocate() }

    /// Takes bytes that arrived; libssh keeps the others.
    ///
    /// - Returns: how many were taken; nil when the client sent more than it was allowed to: nothing before a command.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard phase != .idle else { return nil }
        guard phase != .closing else { return bytes.count }
        // What was kept comes first, through `pull`; until then everything waits behind it.
        let taken = input.push(bytes)
        kept = bytes.count - taken
        return kept <= Self.keptLimit ? taken : nil
    }

    /// Moves what libssh kept into the input, once there is room, and passes the end on after it.
    ///
    /// All of it at once: reading a part would widen the client's window as if all had been read.
    func pull(into buffer: UnsafeMutableRawBufferPointer) {
        if kept > 0, input.isDrained {
            while kept > 0 {
                let count = UInt32(min(buffer.count, kept))
                let got = Int(ssh_channel_read_nonblocking(pointer, buffer.baseAddress, count, 0))
                guard got > 0 else { break }
                kept -= got
                input.add(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
            }
        }
        if hasEOF, kept == 0 { input.finish() }
    }

    /// What `send` ended with.
    enum Progress {
        /// Nothing can be sent until something happens.
        case waits
        /// There is more, and it could go now.
        case more
        /// The connection is broken.
        case broken
    }

    /// Sends what waits, as far as window and socket take it.
    func send(in session: OpaquePointer) -> Progress {
        var count = 0
        while !isClosedByClient, phase == .running, let piece = sending ?? output.next() {
            sending = piece
            guard count < Self.turnBytes else { return .more }
            let window = Int(ssh_channel_window_size(pointer))
            guard window > 0, ssh_get_poll_flags(session) & SSH_WRITE_PENDING == 0 else { return .waits }
            let written = write(piece, atMost: min(window, Self.writeBytes))
            guard written >= 0 else { return .broken }
            // Keys are being exchanged: nothing goes until that is done.
            guard written > 0 else { return .waits }
            count += written
            sending?.bytes.moveReaderIndex(forwardBy: written)
            if sending?.bytes.readableBytes == 0 { sending = nil }
            output.sent(written)
        }
        return .waits
    }

    private func write(_ piece: ChannelOutput.Piece, atMost limit: Int) -> Int {
        piece.bytes.withUnsafeReadableBytes { bytes in
            let count = UInt32(min(bytes.count, limit))
            let result =
                piece.isError
                ? ssh_channel_write_stderr(pointer, bytes.baseAddress, count)
                : ssh_channel_write(pointer, bytes.baseAddress, count)
            return Int(result)
        }
    }

    /// Sends exit status, EOF and close, in this order, once everything before them is on its way.
    func finishIfDone() {
        guard phase == .running, sending == nil, let status = output.finalStatus else { return }
        phase = .closing
        guard !isClosedByClient else { return }
        ssh_channel_request_send_exit_status(pointer, status)
        ssh_channel_send_eof(pointer)
        ssh_channel_close(pointer)
    }

    /// Ends the command's conversation: the client is gone.
    func abort(_ fault: ChannelFault) {
        input.finish(throwing: fault)
        output.fail(fault)
        sending = nil
        task?.cancel()
    }

    /// Whether nothing is left to be done for it.
    var isOver: Bool {
        guard isClosedByClient else { return false }
        return task == nil || output.isFinished
    }

    /// Nanoseconds since which the command waits for its client; nil when it does not.
    var waitingSince: Int64? {
        guard phase == .running else { return nil }
        let times = [input.waitingSince, output.waitingSince].compactMap { $0 }
        return times.min()
    }
}
