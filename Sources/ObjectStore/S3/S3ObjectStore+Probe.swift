import NIOCore
import OpenSSLKit

/// What of S3 a store does, beyond what all of them do.
package struct S3Abilities: Sendable, Equatable {
    /// It refuses bytes whose SHA-256 is not the one that the request has: clients may send to it directly.
    package var verifiesChecksums: Bool
    /// It refuses to overwrite on `If-None-Match: *`.
    package var knowsConditionalWrites: Bool
}

extension S3ObjectStore {
    /// Finds out, with an object of its own, whether the store works and what it is able to; uses that from then on.
    ///
    /// Region and clock of the store are learnt on the way.
    /// - Throws: `ObjectStoreError` when it cannot be reached, or refuses to be written, read, listed or deleted from.
    @discardableResult
    package func probe() async throws -> S3Abilities {
        let name = layout.temporaries + "probe-" + Hex.encode(try RandomBytes.generate(16))
        return try await translating {
            // The plain request first, so that what it is refused for is not taken for an answer to the others.
            _ = try await client.call(Self.probeRequest(name))
            guard try await head(name)?.size == Int64(Self.probeText.utf8.count) else {
                throw ObjectStoreError.refused("what is written to the bucket cannot be found again")
            }
            let wrong = Base64.encode([UInt8](repeating: 0, count: ObjectKey.byteCount))
            let takesWrong = try await takes(name, [("x-amz-checksum-sha256", wrong)])
            let overwrites = try await takes(name, [("if-none-match", "*")])
            _ = try await list(after: nil, limit: 1)
            try await remove(name)
            let abilities = S3Abilities(verifiesChecksums: !takesWrong, knowsConditionalWrites: !overwrites)
            client.learn(abilities)
            return abilities
        }
    }

    private static let probeText = "granary"

    private static func probeRequest(_ name: String, _ headers: [(name: String, value: String)] = []) -> S3Request {
        S3Request(method: "PUT", key: name, headers: headers, body: .bytes(ByteBuffer(string: probeText)))
    }

    /// Whether a PUT succeeds that must not; a store that has never heard of the header is as one that ignores it.
    private func takes(_ name: String, _ headers: [(name: String, value: String)]) async throws -> Bool {
        do {
            _ = try await client.call(Self.probeRequest(name, headers))
            return true
        } catch let failure as S3Failure where [400, 412, 501].contains(failure.status) {
            return failure.status == 501
        }
    }
}
