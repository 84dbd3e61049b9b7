package import NIOCore

/// Bytes that arrive: a request body or the client's half of an SSH channel.
package typealias ByteSource = any AsyncSequence<ByteBuffer, any Error> & Sendable

/// An error of a source that the client or the network is to blame for: logged as a broken-off conversation.
package protocol ClientFault: Error {}

/// Where a protocol conversation writes its answer.
///
/// Suspending in `write` is the back-pressure: a client that reads slowly holds the writer here, and nothing else.
package protocol ByteSink: Sendable {
    /// Sends the readable bytes of `buffer`; returns when the transport can take more.
    ///
    /// - Throws: when the client is gone or the transport's time is up; the conversation then ends without another word.
    func write(_ buffer: ByteBuffer) async throws
}
