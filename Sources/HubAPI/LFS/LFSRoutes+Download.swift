import HTTPTypes
import HubCore
import LFS
import NIOCore
import ObjectStore

/// Downloads, by ticket or by login.
extension LFSRoutes {
    /// `GET objects/{oid}`, whole or in part.
    func download(_ oid: ObjectKey, _ request: LFSRequest, _ response: ResponseStream) async throws {
        let download = try await object(oid, request)
        let answer = ObjectAnswer(oid: oid, size: download.size, exchange: request.exchange)
        guard let range = answer.range else {
            response.open(status: answer.status, headers: answer.headers)
            return try await response.finish()
        }
        try await sender.send(download, range, answer, request.exchange, response)
    }

    private func object(_ oid: ObjectKey, _ request: LFSRequest) async throws -> LFSDownload {
        guard request.exchange.query.isEmpty else {
            return try await withTicket(oid, request) { try await hub.lfs.download($0) }
        }
        let actor = try await actor(request)
        return try await hub.lfs.object(request.path.address, oid, by: actor, followsRename: true)
    }
}
