import HTTPTypes
import LFS
import NIOCore
import ObjectStore

/// A request to one of the LFS routes, with what all of them look at.
struct LFSRequest: Sendable {
    let path: GitPath
    let exchange: Exchange
    let log: RequestLog

    /// The length that the request says its body has; nil when it does not.
    var contentLength: Int64? { exchange.headers[.contentLength].flatMap { Int64($0) } }

    /// Checks that a body with a login says that it is JSON, of any kind.
    ///
    /// It keeps forms on web pages, which cannot say so, from posting here with a browser's remembered login.
    func checkContentType() throws(LFSFailure) {
        let type = (exchange.headers[.contentType] ?? "").prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json")) else {
            throw LFSFailure(status: 415, "The content type must be \(LFSFailure.contentType).")
        }
    }

    /// The whole body.
    ///
    /// - Parameter limit: bytes; one more is refused before it is kept.
    /// - Throws: `LFSFailure` 413, or why the body broke off.
    func body(limit: Int) async throws -> ByteBuffer {
        let tooLarge = LFSFailure(status: 413, "The request has more than \(limit) bytes. Send smaller requests.")
        if let contentLength, contentLength > Int64(limit) { throw tooLarge }
        var bytes = ByteBuffer()
        for try await piece in exchange.body {
            guard bytes.readableBytes + piece.readableBytes <= limit else { throw tooLarge }
            bytes.writeImmutableBuffer(piece)
        }
        return bytes
    }

    /// The ticket in the query; nil without a query.
    ///
    /// - Throws: 403 for a query that is no ticket. Never 401: the client would send the same request again without end.
    func ticket(for oid: ObjectKey) throws(LFSFailure) -> SignedAction? {
        guard !exchange.query.isEmpty else { return nil }
        let items = QueryItems(exchange.query).items.map { (name: $0.name, value: $0.value) }
        guard let action = SignedAction(items: items, oid: oid) else { throw Self.noTicket }
        return action
    }

    static let noTicket = LFSFailure(status: 403, "This link is not valid. Run the command again.")
}
