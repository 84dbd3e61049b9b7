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
        let range = try Self.range(exchange.headers[.range]) ?? 0..<UInt64.max
        let base = "\(publicURL.base(for: exchange))/\(XetRoute.base)/\(caller.scope)"
        let client = caller.actor.gateClient(at: publicURL.clientAddress(of: exchange))
        let sent: Void? = try await hub.xet.reconstruction(of: hash, range, for: caller, as: client) { found in
            let body = found.json(version: version, base: base)
            try await response.send(Answer(status: .ok, contentType: "application/json", body: body))
        }
        // How clients find the end of a file whose size they do not know.
        if sent == nil { throw XetFailure(status: 416, "The range begins at or behind the end of the file.") }
    }

    /// `bytes=a-b`; nil without a field.
    private static func range(_ field: String?) throws(XetFailure) -> Range<UInt64>? {
        guard let field else { return nil }
        let ends = field.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard field.hasPrefix("bytes="), ends.count == 2, let first = UInt64(ends[0]) else {
            throw XetFailure(status: 400, "The range is malformed.")
        }
        if ends[1].isEmpty { return first..<UInt64.max }
        guard let last = UInt64(ends[1]), first <= last, last < .max else {
            throw XetFailure(status: 400, "The range is malformed.")
        }
        return first..<last + 1
    }

    /// A range of a stored xorb, for whoever has a link.
    private func data(_ hash: XetHash, _ exchange: Exchange, _ response: ResponseStream) async throws {
        try rates.passLink(.git, at: publicURL.clientAddress(of: exchange))
        let items = QueryItems(exchange.query).items.map { (name: $0.name, value: $0.value) }
        let range = try Self.range(exchange.headers[.range]).map {
            Int(clamping: $0.lowerBound)..<Int(clamping: $0.upperBound)
        }
        let data = try await hub.xet.data(hash, items: items, range: range)
        let headers: HTTPFields = [
            .contentType: "application/octet-stream", .acceptRanges: "bytes", .contentLength: String(data.range.count),
            .contentRange: "bytes \(data.range.lowerBound)-\(data.range.upperBound - 1)/\(data.length)",
            .cacheControl: "private, immutable",
        ]
        try await sender.send(data, headers, exchange, response)
    }
}
