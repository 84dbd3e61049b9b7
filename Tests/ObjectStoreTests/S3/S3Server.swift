import Foundation
import FoundationNetworking
import Logging
import ObjectStore
import Testing

/// A real S3 server, as `scripts/test` starts it: `GRANARY_TEST_S3` is "endpoint,access key,secret key,bucket".
struct S3Server {
    let endpoint: S3Endpoint
    let credentials: S3Credentials
    let bucket: String

    static let shared: S3Server? = {
        guard let text = ProcessInfo.processInfo.environment["GRANARY_TEST_S3"] else { return nil }
        let fields = text.split(separator: ",").map(String.init)
        guard fields.count == 4, let endpoint = S3Endpoint(fields[0]) else { return nil }
        let credentials = S3Credentials(accessKey: fields[1], secretKey: fields[2])
        return S3Server(endpoint: endpoint, credentials: credentials, bucket: fields[3])
    }()

    /// A store below a prefix.
    func store(_ prefix: String, _ change: (inout S3Configuration) -> Void = { _ in }) throws -> S3ObjectStore {
        var configuration = S3Configuration(endpoint: endpoint, bucket: bucket)
        configuration.prefix = prefix
        change(&configuration)
        return try S3ObjectStore(
            configuration,
            credentials: credentials,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Lends a store below a prefix of its own.
    static func withStore(
        _ change: (inout S3Configuration) -> Void = { _ in },
        _ body: (S3ObjectStore) async throws -> Void
    ) async throws {
        let store = try #require(shared).store("tests/\(UUID().uuidString.lowercased())", change)
        do { try await body(store) } catch {
            await store.shutdown()
            throw error
        }
        await store.shutdown()
    }
}

extension DirectRequest {
    /// Sends the request as a client does; nil fetches.
    func send(_ bytes: [UInt8]?) async throws -> (status: Int, body: [UInt8]) {
        var message = URLRequest(url: try #require(URL(string: url)))
        message.httpMethod = bytes == nil ? "GET" : "PUT"
        // The session says the length itself.
        for header in headers where header.name != "content-length" {
            message.setValue(header.value, forHTTPHeaderField: header.name)
        }
        message.httpBody = bytes.map { Data($0) }
        let (data, response) = try await URLSession.shared.data(for: message)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, Array(data))
    }
}
