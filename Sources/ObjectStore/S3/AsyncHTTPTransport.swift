import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends requests through AsyncHTTPClient: pooled connections, TLS with the chain and the name checked.
final class AsyncHTTPTransport: S3Transport {
    private let client: HTTPClient

    /// A client on the given event loops.
    /// - Throws: when the file of certificates cannot be read.
    init(_ configuration: S3Configuration, eventLoopGroup: any EventLoopGroup) throws {
        var settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: .seconds(configuration.connectSeconds),
                read: .seconds(configuration.idleSeconds)
            ),
            decompression: .disabled
        )
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = configuration.certificateFile {
            tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(file))]
        }
        settings.tlsConfiguration = tls
        settings.httpVersion = .http1Only
        // Shorter than servers keep theirs, so that a request seldom meets a connection that is just being closed.
        settings.connectionPool.idleTimeout = .seconds(15)
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
        // Trying again is the S3 client's business, with its own waits and deadline.
        settings.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .shared(eventLoopGroup), configuration: settings)
    }

    func send(_ request: S3WireRequest) async throws -> S3Answer {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method)
        message.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        switch request.body {
        case .none: break
        case .bytes(let bytes): message.body = .bytes(bytes)
        case .stream(let relay, let count): message.body = .stream(relay, length: .known(count))
        }
        let deadline = request.deadlineSeconds.map { NIODeadline.now() + .seconds($0) } ?? .distantFuture
        let response = try await client.execute(message, deadline: deadline)
        return S3Answer(
            status: Int(response.status.code),
            headers: response.headers.map { ($0.name, $0.value) },
            body: ResponseBytes(body: response.body)
        )
    }

    func shutdown() async {
        // Nothing can be done about a connection that does not close.
        try? await client.shutdown()
    }
}

/// A response body as a sequence that names its type of error.
private struct ResponseBytes: AsyncSequence, Sendable {
    let body: HTTPClientResponse.Body

    func makeAsyncIterator() -> Iterator { Iterator(iterator: body.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        var iterator: HTTPClientResponse.Body.AsyncIterator

        mutating func next() async throws -> ByteBuffer? { try await iterator.next() }
    }
}
