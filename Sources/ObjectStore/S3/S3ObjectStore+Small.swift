import NIOCore
import OpenSSLKit

extension S3ObjectStore {
    /// The names of small texts below a folder of our prefix, without the folder.
    /// - Parameter folder: ends with a slash, and is none that holds objects.
    package func smallNames(below folder: String) async throws -> [String] {
        let prefix = layout.prefix + folder
        return try await translating {
            var names: [String] = []
            try await eachEntry(prefix) { entry in
                names.append(String(entry.name.dropFirst(prefix.count)))
                return true
            }
            return names
        }
    }

    /// A small text by its name below our prefix; nil when there is none.
    package func readSmall(_ name: String) async throws -> [UInt8]? {
        try await translating {
            do {
                return try await client.call(S3Request(method: "GET", key: layout.prefix + name)).body
            } catch let failure as S3Failure where failure.status == 404 && failure.code != "NoSuchBucket" {
                return nil
            }
        }
    }

    /// Gives a small text a name below our prefix, whatever had it before.
    package func writeSmall(_ name: String, _ text: [UInt8]) async throws {
        let hash = Hex.encode(try SHA256.digest(text))
        let body = S3Body.bytes(ByteBuffer(bytes: text))
        let request = S3Request(method: "PUT", key: layout.prefix + name, body: body, payloadHash: hash)
        _ = try await translating { try await client.call(request) }
    }

    /// Removes a small text; one that is not there is fine.
    package func removeSmall(_ name: String) async throws {
        try await translating { try await remove(layout.prefix + name) }
    }
}
