import HTTPTypes
import HubCore
import JSON
import NIOCore
import Xet

/// Where xorbs go.
extension XetRoutes {
    private static let bodyLimits = JSONLimits(bytes: 4_096)

    /// `{"length": n, "checksum": {"algo": "crc64nvme", "value": "decimal digits"}}`.
    ///
    /// Where there is nothing to be had but this server, 404 sends clients to upload here.
    func grant(_ hash: XetHash, _ caller: XetAccess.Caller, _ exchange: Exchange) async throws -> Answer {
        guard let body = try await json(exchange, Self.bodyLimits), let length = body["length"]?.integer,
            let checksum = body["checksum"], checksum["algo"]?.text == "crc64nvme",
            let value = checksum["value"]?.text.flatMap({ UInt64($0) })
        else { throw Self.malformed }
        switch try await hub.xet.grant(hash, length: length, checksum: value, by: caller) {
        case .known: return .json([:])
        case .direct: throw XetFailure(status: 404, "Upload the xorb here.")
        case .grant(let grant):
            let headers = grant.headers.map { JSONValue.Member($0.name, .string($0.value)) }
            return .json(
                [
                    "id": .string(grant.id), "method": "PUT", "url": .string(grant.url), "headers": .object(headers),
                ],
                status: .created,
                headers: [.cacheControl: "no-store"]
            )
        }
    }
}
