import HTTPTypes
import HubCore
import NIOPosix
import ObjectStore

/// Sends the bytes of large files by the cheapest path, whatever route they were asked for by.
struct ObjectSender: Sendable {
    /// The internal location of an nginx in front that serves the store's directory; nil without one.
    let accelPrefix: String?
    /// Where files are opened and read ahead.
    let pool: NIOThreadPool

    /// Answers with a range of an object: from kernel to socket where nothing has to see the bytes.
    func send(
        _ download: LFSDownload,
        _ range: Range<Int64>,
        _ answer: ObjectAnswer,
        _ exchange: Exchange,
        _ response: ResponseStream
    ) async throws {
        if exchange.method == .head {
            response.open(status: answer.status, headers: answer.headers)
        } else if let accelPrefix, download.localFile != nil {
            response.open(status: .ok, headers: Self.handOver(answer.headers, download.oid, accelPrefix))
        } else if !exchange.isSecure, let file = try await file(of: download) {
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

    /// Answers with ranges of a stored xorb, in the same way.
    func send(
        _ data: XorbData,
        _ answer: XorbParts,
        _ exchange: Exchange,
        _ response: ResponseStream
    ) async throws {
        if exchange.method == .head {
            response.open(status: .partialContent, headers: answer.headers)
            return try await response.finish()
        }
        var file: ServedFile?
        if !exchange.isSecure, let object = data.object { file = try await self.file(of: object) }
        var isOpen = false
        for (head, range) in answer.parts {
            let bytes = file == nil ? try await data.bytes(range) : nil
            if !isOpen { response.open(status: .partialContent, headers: answer.headers) }
            isOpen = true
            if let head { try await response.write(head) }
            if let file { try await response.write(file, range: Int64(range.lowerBound)..<Int64(range.upperBound)) }
            if let bytes { for try await piece in bytes { try await response.write(piece) } }
        }
        if let tail = answer.tail { try await response.write(tail) }
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
