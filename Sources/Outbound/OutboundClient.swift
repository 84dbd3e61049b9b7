import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends requests that somebody else asked for: only where the rules allow, to the address that was checked.
///
/// Names are looked up once for each request, and the socket is connected to an address of that answer, never to the name
/// again. No redirect is followed, no proxy used, and nothing kept for the next request.
package struct OutboundClient: OutboundSender {
    /// What an answer may cost.
    package struct Limits: Sendable {
        /// Seconds until there is a connection.
        package var connectSeconds: Int64 = 5
        /// Seconds for all of it.
        package var seconds: Int64 = 10
        /// How much of the body is read; then the connection is closed.
        package var bodyBytes = 1_024

        /// The defaults.
        package init() {}
    }

    private let rules: OutboundRules
    private let limits: Limits
    private let resolver: any NameResolver
    private let group: any EventLoopGroup
    private let tls: TLSConfiguration

    /// A client.
    ///
    /// - Parameter certificateFile: PEM of authorities that are trusted beside the system's.
    /// - Throws: when that cannot be read.
    package init(
        rules: OutboundRules,
        limits: Limits = Limits(),
        resolver: any NameResolver,
        eventLoopGroup: any EventLoopGroup,
        certificateFile: String? = nil
    ) throws {
        self.rules = rules
        self.limits = limits
        self.resolver = resolver
        group = eventLoopGroup
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let certificateFile {
            tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(certificateFile))]
        }
        self.tls = tls
    }

    /// What can be said of a URL before its name is looked up.
    ///
    /// - Throws: `OutboundRules.Refusal`.
    package func check(_ url: OutboundURL) throws(OutboundRules.Refusal) {
        let addresses = url.address.map { [$0] } ?? []
        try rules.decide(host: url.host, port: url.port, addresses: addresses, own: Self.ownAddresses())
    }

    /// Sends a POST.
    ///
    /// - Throws: `OutboundFailure`; `CancellationError`.
    package func post(
        to url: OutboundURL,
        headers: [(name: String, value: String)],
        body: ByteBuffer
    ) async throws -> OutboundAnswer {
        let addresses = if let address = url.address { [address] } else { await resolver.addresses(of: url.host) }
        guard let target = addresses.first(where: { $0.bytes.count == 4 }) ?? addresses.first else {
            throw OutboundFailure.unknownHost
        }
        let isInner: Bool
        do {
            isInner = try rules.decide(
                host: url.host,
                port: url.port,
                addresses: addresses,
                own: Self.ownAddresses()
            )
        } catch {
            throw OutboundFailure.refused(error)
        }
        let client = HTTPClient(
            eventLoopGroupProvider: .shared(group),
            configuration: configuration(connecting: url, to: target)
        )
        do {
            let answer = try await withinTime { try await send(url, headers, body, isInner, client) }
            try? await client.shutdown()
            return answer
        } catch {
            try? await client.shutdown()
            if Task.isCancelled { throw CancellationError() }
            throw OutboundFailure(error)
        }
    }

    private func configuration(connecting url: OutboundURL, to address: IPAddress) -> HTTPClient.Configuration {
        var settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(limits.connectSeconds), read: .seconds(limits.seconds)),
            decompression: .disabled
        )
        settings.tlsConfiguration = tls
        settings.httpVersion = .http1Only
        settings.connectionPool.retryConnectionEstablishment = false
        // The name stays in `Host` and in TLS; the address is the checked one.
        if url.address == nil { settings.dnsOverride = [url.host: address.description] }
        return settings
    }

    private func send(
        _ url: OutboundURL,
        _ headers: [(name: String, value: String)],
        _ body: ByteBuffer,
        _ isInner: Bool,
        _ client: HTTPClient
    ) async throws -> OutboundAnswer {
        var request = HTTPClientRequest(url: url.description)
        request.method = .POST
        request.headers = HTTPHeaders(headers.map { ($0.name, $0.value) } + [("Connection", "close")])
        request.body = .bytes(body)
        let response = try await client.execute(request, deadline: .now() + .seconds(limits.seconds))
        var answer = OutboundAnswer(
            status: Int(response.status.code),
            retryAfter: response.headers.first(name: "Retry-After").flatMap { Int($0) },
            isInner: isInner
        )
        for try await piece in response.body {
            let room = limits.bodyBytes - answer.body.count
            answer.body.append(contentsOf: piece.readableBytesView.prefix(room))
            guard answer.body.count < limits.bodyBytes else { break }
        }
        return answer
    }

    /// Also a body that trickles has to come to its end in time.
    private func withinTime(
        _ body: @escaping @Sendable () async throws -> OutboundAnswer
    ) async throws -> OutboundAnswer {
        try await withThrowingTaskGroup(of: OutboundAnswer.self) { group in
            group.addTask(operation: body)
            group.addTask { [limits] in
                try await Task.sleep(for: .seconds(limits.seconds))
                throw OutboundFailure.timedOut
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw OutboundFailure.broken }
            return answer
        }
    }

    private static func ownAddresses() -> Set<IPAddress> {
        let devices = (try? System.enumerateDevices()) ?? []
        return Set(devices.compactMap { $0.address?.ipAddress.flatMap { IPAddress(parsing: $0) } })
    }
}
