import GitCore

/// What one conversation of git-lfs-transfer may cost at most.
package struct TransferLimits: Sendable {
    /// Arguments of one command.
    package var arguments = 32
    /// Bytes of one argument: a lock's path with its name fits.
    package var argumentBytes = 8_192
    /// Objects of one batch.
    package var objects = BatchRequest.objectLimit
    /// Bytes that a whole conversation may send for commands that are refused; they are read and dropped.
    package var discardedBytes: Int64 = 1 << 40

    package init() {}
}

/// Why a conversation of git-lfs-transfer ended early, by the client's fault.
package enum TransferError: ClientFault, Equatable {
    /// The client hung up inside a command.
    case truncated
    /// Bytes that are no pkt-lines, or a special packet where none may be.
    case malformed(String)
    /// Refused commands went on beyond `TransferLimits.discardedBytes`.
    case endless
}

/// Why a conversation of git-lfs-transfer ended early, by the server's fault.
package enum TransferFault: Error, Equatable {
    /// An object did not have the bytes that were announced; the client must not take it for whole.
    case wrongLength(announced: Int64)
    /// Reading an object failed when its beginning was already sent.
    case interrupted(LFSFailure)
    /// Two tasks read from one conversation.
    case concurrentReads
}
