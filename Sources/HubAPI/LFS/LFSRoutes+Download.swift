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
        if let accelPrefix, download.localFile != nil {
            response.open(status: .ok, headers: Self.handOver(answer.headers, oid, accelPrefix))
            return try await response.finish()
        }
        if request.exchange.method == .head {
            response.open(status: answer.status, headers: answer.headers)
            return try await response.finish()
        }
        try await send(download, range, answer, request.exchange, response)
    }

    private func object(_ oid: ObjectKey, _ request: LFSRequest) async throws -> LFSDownload {
        guard request.exchange.query.isEmpty else {
            return try await withTicket(oid, request) { try await hub.lfs.download($0) }
        }
        let actor = try await actor(request)
        return try await hub.lfs.object(request.path.address, oid, by: actor, followsRename: true)
    }

    /// Sends the bytes by the cheapest path: from kernel to socket where nothing has to see them.
    private func send(
        _ download: LFSDownload,
        _ range: Range<Int64>,
        _ answer: ObjectAnswer,
        _ exchange: Exchange,
        _ response: ResponseStream
    ) async throws {
        if !exchange.isSecure, let file = try await file(of: download) {
            response.open(status: answer.status, headers: answer.headers)
            try await response.write(file, range: range)
        } else {
            // Opened before the head is sent, as it may fail.
            let reading = try await download.read(range)
            response.open(status: answer.status, headers: answer.headers)
            for try await piece in reading.bytes { try await response.write(piece) }
        }
        try await response.finish()
    }

    /// The object's file; nil when it has none, has just been moved, or is not as long as it should be, which is for the
    /// store to tell.
    private func file(of download: LFSDownload) async throws -> ServedFile? {
        guard let local = download.localFile, let file = try await ServedFile.open(local.path, pool: pool) else {
            return nil
        }
        return file.size == download.size ? file : nil
    }

    /// Fields by which an nginx in front takes over: it reads the file, cuts ranges and sets their fields itself.
    private static func handOver(_ headers: HTTPFields, _ oid: ObjectKey, _ prefix: String) -> HTTPFields {
        var headers = headers
        for name in [HTTPField.Name.contentLength, .contentRange] { headers[name] = nil }
        let hex = oid.hex
        headers[.accelRedirect] = "\(prefix)/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
        return headers
    }
}
