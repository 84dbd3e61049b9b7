package import NIOCore

/// A whole answer that was ready when its request came: it goes out at once, in one write.
package struct AnswerAtHand: Sendable {
    /// The status line and all fields but those of the connection, each line with its end.
    package let head: ByteBuffer
    /// The body; empty for HEAD.
    package let body: ByteBuffer
    /// Told when the kernel has the answer, or when it will never have it.
    package let whenSent: @Sendable (_ isComplete: Bool) -> Void

    /// An answer from its parts.
    package init(head: ByteBuffer, body: ByteBuffer, whenSent: @escaping @Sendable (_ isComplete: Bool) -> Void) {
        self.head = head
        self.body = body
        self.whenSent = whenSent
    }
}
