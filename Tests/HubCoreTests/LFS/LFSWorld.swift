import Access
import Foundation
import HubCore
import LFS
import Metadata
import NIOCore
import ObjectStore
import OpenSSLKit
import Testing

/// Content and its name.
struct Blob: Sendable {
    let bytes: [UInt8]
    let object: LFSObject

    /// The content that a text is.
    init(_ text: String) throws {
        try self.init(Array(text.utf8))
    }

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        let key = try #require(ObjectKey(bytes: try SHA256.digest(bytes)))
        object = try #require(LFSObject(oid: key, size: Int64(bytes.count)))
    }

    var oid: ObjectKey { object.oid }

    /// What stands in a commit for it.
    var pointer: String { LFSPointer(object).text }
}

/// A body in pieces of three bytes.
struct Pieces: AsyncSequence, Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func makeAsyncIterator() -> AsyncThrowingStream<ByteBuffer, any Error>.Iterator {
        let bytes = bytes
        return AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            for start in stride(from: 0, to: bytes.count, by: 3) {
                continuation.yield(ByteBuffer(bytes: bytes[start..<Swift.min(start + 3, bytes.count)]))
            }
            continuation.finish()
        }.makeAsyncIterator()
    }
}

extension World {
    /// A world that can sign tickets.
    static func withKey(
        hasGit: Bool = false,
        _ configure: (inout HubSettings) -> Void = { _ in },
        objects wrap: (any ObjectStore) -> any ObjectStore = { $0 }
    ) async throws -> World {
        try await World(
            hasGit: hasGit,
            { settings in
                settings.signingKey = [UInt8](repeating: 7, count: 32)
                configure(&settings)
            },
            objects: wrap
        )
    }

    var lfs: LFSAccess { hub.lfs }
    static let links = LFSLinks(base: "https://hub.example/ada/tiny.git/info/lfs")

    /// Asks for a batch.
    func batch(
        _ operation: LFSOperation,
        _ objects: [LFSObject],
        at address: RepositoryAddress,
        by actor: Actor,
        transfers: [String] = ["basic"]
    ) async throws -> BatchAnswer {
        let entries = objects.map { "{\"oid\":\"\($0.oid)\",\"size\":\($0.size)}" }.joined(separator: ",")
        let names = transfers.map { "\"\($0)\"" }.joined(separator: ",")
        let body =
            "{\"operation\":\"\(operation.rawValue)\",\"transfers\":[\(names)],\"objects\":[\(entries)]}"
        let request = try BatchRequest(body: ByteBuffer(string: body))
        return try await lfs.batch(address, request, by: actor, links: Self.links, followsRename: false)
    }

    /// What a batch of one object answers.
    func outcome(
        _ operation: LFSOperation,
        _ object: LFSObject,
        at address: RepositoryAddress,
        by actor: Actor
    ) async throws -> BatchAnswer.Outcome {
        try #require(try await batch(operation, [object], at: address, by: actor).entries.first).outcome
    }

    /// Uploads as a client does: batch, PUT, verify.
    func upload(_ blob: Blob, to address: RepositoryAddress, by actor: Actor) async throws {
        guard case .upload(let put, let verify) = try await outcome(.upload, blob.object, at: address, by: actor) else {
            return
        }
        let etag = try await lfs.upload(
            try await lfs.admit(try Self.signed(put)),
            contentLength: blob.object.size,
            bytes: Pieces(blob.bytes)
        )
        #expect(etag == nil)
        try await lfs.verify(try await lfs.admit(try Self.signed(try #require(verify))), blob.object)
    }

    /// Downloads as a client does: batch, GET.
    func download(_ object: LFSObject, from address: RepositoryAddress, by actor: Actor) async throws -> [UInt8] {
        guard case .download(let get) = try await outcome(.download, object, at: address, by: actor) else {
            throw LFSFailure(status: 404, "no action")
        }
        let download = try await lfs.download(try await lfs.admit(try Self.signed(get)))
        return try await Self.bytes(try await download.read(nil))
    }

    static func bytes(_ reading: ObjectReading) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in reading.bytes { bytes += Array(buffer.readableBytesView) }
        return bytes
    }

    /// Reads the URL of an action as a frontend does.
    static func signed(_ action: LFSAction) throws -> SignedAction {
        try signed(action.href)
    }

    static func signed(_ href: String) throws -> SignedAction {
        let parts = href.split(separator: "?", maxSplits: 1)
        let segments = try #require(parts.first).split(separator: "/")
        let oid = try #require(segments.compactMap { ObjectKey(hex: $0) }.first)
        let items = try #require(parts.last).split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (name: pair[0], value: pair.count > 1 ? pair[1].removingPercentEncoding ?? "" : "")
        }
        return try #require(SignedAction(items: items, oid: oid))
    }
}

extension BatchAnswer.Outcome {
    /// The code of an error; nil for anything else.
    var code: Int? {
        guard case .error(let code, _) = self else { return nil }
        return code
    }
}

/// Expects a refusal with a status.
func expectStatus(
    _ status: Int,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("expected \(status), nothing was thrown", sourceLocation: sourceLocation)
    } catch let failure as LFSFailure {
        #expect(failure.status == status, "\(failure)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected \(status), not \(error)", sourceLocation: sourceLocation)
    }
}
