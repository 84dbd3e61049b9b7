package import NIOCore

/// A request that is signed and ready to be sent.
package struct S3WireRequest: Sendable {
    package var method: String
    /// Already encoded; a credential when it is signed.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: S3Body
    /// Until the head of the answer is there; nil for no end.
    package var deadlineSeconds: Int64?
}

/// What a request carries.
package enum S3Body: Sendable {
    case none
    case bytes(ByteBuffer)
    /// So many bytes, which can be sent once.
    case stream(PieceRelay, count: Int64)

    /// Whether the request can be sent (again).
    package var canBeSent: Bool {
        if case .stream(let relay, _) = self { !relay.wasRead } else { true }
    }
}

/// The head of an answer, and its body to come.
package struct S3Answer: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: ByteSourceLike

    /// An answer from its parts.
    package init(status: Int, headers: [(name: String, value: String)], body: ByteSourceLike) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// The first header of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    /// The whole body.
    /// - Throws: `ObjectStoreError.unavailable` when it is larger than `limit`, or what the network throws.
    package func collect(limit: Int = 4 << 20) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in body {
            guard bytes.count + piece.readableBytes <= limit else {
                throw ObjectStoreError.unavailable("an answer of more than \(limit) bytes")
            }
            bytes += piece.readableBytesView
        }
        return bytes
    }
}

/// Sends single requests; the client library, or a script in tests.
package protocol S3Transport: Sendable {
    /// Sends a request once and gives the head of the answer, whatever its status.
    func send(_ request: S3WireRequest) async throws -> S3Answer

    /// Closes what is open.
    func shutdown() async
}
