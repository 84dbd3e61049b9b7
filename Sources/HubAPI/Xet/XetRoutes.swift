import Access
import HTTPTypes
import HubCore
import JSON
import NIOCore
import Xet

/// The storage of chunks over HTTP: what is decided is decided by `XetAccess`, all that is HTTP is here.
///
/// Requests take the token that the hub's API gives, and reads of bytes the signed links of a reconstruction.
/// - Source: Xet protocol specification, "CAS HTTP API".
package struct XetRoutes: Sendable {
    let hub: Hub
    let publicURL: PublicURL
    let rates: RateGate
    let sender: ObjectSender

    /// Answers a request.
    ///
    /// - Throws: before the first byte, an error to be mapped; after it, one that ends the connection.
    func respond(
        _ route: XetRoute,
        _ exchange: Exchange,
        _ response: ResponseStream,
        _ log: RequestLog
    ) async throws {
        log.note(operation: route.operation)
        switch route {
        case .telemetry: try await response.send(Answer(status: .ok))
        case .data(let hash): try await data(hash, exchange, response)
        default:
            let caller = try await caller(exchange, log)
            let client = caller.actor.gateClient(at: publicURL.clientAddress(of: exchange))
            try await hub.gate.pass(as: client) { try await respond(route, caller, exchange, response) }
        }
    }

    private func respond(
        _ route: XetRoute,
        _ caller: XetAccess.Caller,
        _ exchange: Exchange,
        _ response: ResponseStream
    ) async throws {
        switch route {
        case .upload(let hash):
            let length = exchange.headers[.contentLength].flatMap { Int64($0) }
            let isNew = try await hub.xet.upload(hash, length: length, bytes: exchange.body, by: caller)
            try await response.send(.json(["was_inserted": .bool(isNew)]))
        case .grant(let hash): try await response.send(try await grant(hash, caller, exchange))
        case .commit(let hash, let id):
            try await hub.xet.commit(hash, grant: id, by: caller)
            try await response.send(.json(["was_inserted": true]))
        case .xorb(let hash):
            let length = try await hub.xet.storedLength(of: hash, for: caller)
            try await tell(length.map(Int64.init), response)
        case .file(let hash): try await tell(try await hub.xet.size(of: hash, for: caller), response)
        case .shard(let tellsProgress): try await register(caller, tellsProgress, exchange, response)
        case .reconstruction(let hash, let version):
            try await reconstruct(hash, version, caller, exchange, response)
        case .reconstructions: try await reconstruct(caller, exchange, response)
        case .chunk(let hash):
            guard let shard = try await hub.xet.reply(toQueryFor: hash, by: caller) else {
                throw XetFailure(status: 404, "The chunk is not known here.")
            }
            let body = ByteBuffer(bytes: shard)
            try await response.send(Answer(status: .ok, contentType: "application/octet-stream", body: body))
        case .telemetry, .data: break
        }
    }

    /// Whose token the request shows.
    private func caller(_ exchange: Exchange, _ log: RequestLog) async throws -> XetAccess.Caller {
        let value = exchange.headers[.authorization]?.split(separator: " ", maxSplits: 1) ?? []
        let isBearer = value.count == 2 && value[0].lowercased() == "bearer"
        let caller = try await hub.xet.admit(isBearer ? String(value[1]) : nil)
        log.note(actor: caller.actor)
        try rates.pass(.git, as: caller.actor, at: publicURL.clientAddress(of: exchange))
        return caller
    }

    /// Answers HEAD with a length.
    private func tell(_ length: Int64?, _ response: ResponseStream) async throws {
        guard let length else { throw XetFailure(status: 404, "It is not known here.") }
        response.open(status: .ok, headers: [.contentLength: String(length)])
        try await response.finish()
    }

    // MARK: Downloads

    /// Sends the reconstruction of the range that the request asks for: of the whole file without one.
    private func reconstruct(
        _ hash: XetHash,
        _ version: Int,
        _ caller: XetAccess.Caller,
        _ exchange: Exchange,
        _ response: ResponseStream
    ) async throws {
        let ranges = try XetRanges(exchange.headers[.range]).ranges
        guard ranges.count <= 1 else { throw XetFailure(status: 400, "A reconstruction is of one range.") }
        let range = ranges.first ?? 0..<UInt64.max
        let base = "\(publicURL.base(for: exchange))/\(XetRoute.base)/\(caller.scope)"
        let client = caller.actor.gateClient(at: publicURL.clientAddress(of: exchange))
        let sent: Void? = try await hub.xet.reconstruction(of: hash, range, for: caller, as: client) { found in
            let body = found.json(version: version, base: base)
            try await response.send(Answer(status: .ok, contentType: "application/json", body: body))
        }
        // How clients find the end of a file whose size they do not know.
        if sent == nil { throw XetFailure(status: 416, "The range begins at or behind the end of the file.") }
    }

    /// Sends the reconstructions of several whole files together, those that the repository has.
    private func reconstruct(_ caller: XetAccess.Caller, _ exchange: Exchange, _ response: ResponseStream) async throws
    {
        let hashes = try await wanted(exchange)
        let base = "\(publicURL.base(for: exchange))/\(XetRoute.base)/\(caller.scope)"
        let client = caller.actor.gateClient(at: publicURL.clientAddress(of: exchange))
        try await hub.xet.reconstructions(of: hashes, for: caller, as: client) { batch in
            let body = batch.json(base: base)
            try await response.send(Answer(status: .ok, contentType: "application/json", body: body))
        }
    }

    /// The files that a request for several names: `file_id` in the query of GET, `[{"prefix": …, "hash": …}]` by POST.
    private func wanted(_ exchange: Exchange) async throws -> [XetHash] {
        var texts = QueryItems(exchange.query).items.filter { $0.name == "file_id" }.map(\.value)
        if exchange.method == .post {
            guard case .array(let keys) = try await json(exchange, Self.batchLimits) else { throw Self.malformed }
            texts = keys.map { $0["hash"]?.text ?? "" }
        }
        let hashes = texts.compactMap { XetHash($0) }
        guard hashes.count == texts.count, !hashes.isEmpty else { throw Self.malformed }
        return hashes
    }

    private static let batchLimits = JSONLimits(bytes: 256 << 10)

    /// The body of a request; nil when it is not JSON within the limits.
    /// - Throws: `BodyError.tooLarge`.
    func json(_ exchange: Exchange, _ limits: JSONLimits) async throws -> JSONValue? {
        var bytes: [UInt8] = []
        for try await piece in exchange.body {
            guard bytes.count + piece.readableBytes <= limits.bytes else {
                throw BodyError.tooLarge(limit: Int64(limits.bytes))
            }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return try? JSONValue(parsing: bytes, limits: limits)
    }

    static let malformed = XetFailure(status: 400, "The request is malformed.")
}
