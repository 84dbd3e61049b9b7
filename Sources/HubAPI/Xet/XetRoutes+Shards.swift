import HTTPTypes
import HubCore
import JSON
import NIOCore
import Xet

/// Registration, with or without news on the way.
extension XetRoutes {
    /// Reads a shard and registers what is in it.
    func register(
        _ caller: XetAccess.Caller,
        _ tellsProgress: Bool,
        _ exchange: Exchange,
        _ response: ResponseStream
    ) async throws {
        try hub.xet.checkRegistering(by: caller)
        let length = exchange.headers[.contentLength].flatMap { Int($0) } ?? .max
        let client = caller.actor.gateClient(at: publicURL.clientAddress(of: exchange))
        try await hub.xet.withRoom(forShardOf: length, as: client) {
            let shard = try await shard(in: exchange.body)
            guard tellsProgress else {
                try await hub.xet.register(shard, by: caller)
                return try await response.send(.json(["result": 1]))
            }
            response.open(status: .ok, headers: [.contentType: "application/x-ndjson"])
            for await line in events(of: shard, by: caller) { try await response.write(line) }
            try await response.finish()
        }
    }

    private func shard(in body: RequestBody) async throws -> UploadShard {
        let limits = ShardLimits()
        var bytes = ByteBuffer()
        for try await piece in body {
            guard bytes.readableBytes + piece.readableBytes <= limits.bytes else {
                throw BodyError.tooLarge(limit: Int64(limits.bytes))
            }
            bytes.writeImmutableBuffer(piece)
        }
        do {
            return try bytes.withUnsafeReadableBytes { try UploadShard(reading: $0, limits: limits) }
        } catch let error as ShardError {
            throw XetFailure(error)
        }
    }

    /// The news of a registration as lines; the last says how it ended.
    ///
    /// A client gives up when it hears nothing for minutes, so the last line is said again while nothing changes.
    private func events(of shard: UploadShard, by caller: XetAccess.Caller) -> AsyncStream<ByteBuffer> {
        let xet = hub.xet
        // A client that does not listen misses what is overtaken; the last line is the newest.
        return AsyncStream(bufferingPolicy: .bufferingNewest(16)) { stream in
            let work = Task {
                let last = LastLine()
                let repeating = Task {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(15))
                        if let line = await last.line { stream.yield(line) }
                    }
                }
                defer { repeating.cancel() }
                do {
                    try await xet.register(shard, by: caller) { progress in
                        let line = progress.line
                        await last.set(line)
                        stream.yield(line)
                    }
                    stream.yield(Self.line(["type": "result", "result": 1]))
                } catch {
                    stream.yield(Self.line(Self.failure(error)))
                }
                stream.finish()
            }
            stream.onTermination = { _ in work.cancel() }
        }
    }

    private static func failure(_ error: any Error) -> JSONValue {
        let failure = error as? XetFailure
        let message = failure?.message ?? "Something went wrong on the server. Try again."
        let isPassing = failure.map { $0.status >= 500 || $0.status == 429 } ?? true
        return ["type": "error", "message": .string(message), "retryable": .bool(isPassing)]
    }

    fileprivate static func line(_ value: JSONValue) -> ByteBuffer {
        var line = value.encoded()
        line.writeStaticString("\n")
        return line
    }
}

/// The line that was said last.
private actor LastLine {
    private(set) var line: ByteBuffer?

    func set(_ line: ByteBuffer) { self.line = line }
}

extension XetAccess.Progress {
    fileprivate var line: ByteBuffer {
        switch self {
        case .validating(let verified, let total):
            XetRoutes.line([
                "type": "validating", "verified": .integer(Int64(verified)), "total": .integer(Int64(total)),
            ])
        case .committing: XetRoutes.line(["type": "committing", "stage": "syncing"])
        }
    }
}
