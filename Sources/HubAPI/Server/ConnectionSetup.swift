import HTTPTypes
import HummingbirdCore
import Logging
import Metrics
import NIOCore
import NIOHTTP1
import NIOSSL

/// Makes a connection of an accepted socket and serves it; Hummingbird's server calls both.
struct ConnectionSetup: ServerChildChannel {
    let name: String
    let handler: any ExchangeHandler
    let limits: HTTPLimits
    let certificates: CertificateStore?
    let requestIDs: RequestIDs

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let certificates {
                try pipeline.addHandler(NIOSSLServerHandler(context: certificates.current))
            }
            let events = ConnectionEvents()
            let peerAddress = channel.remoteAddress?.ipAddress ?? "unix"
            let arrival = ArrivalHandler()
            let connection = ConnectionHandler(limits: limits, events: events, arrival: arrival) { head in
                BareRequest(head, peerAddress: peerAddress, isSecure: certificates != nil).flatMap { request in
                    handler.answerAtHand(to: request) { requestIDs.next() }
                }
            }
            arrival.bytesArrived = { [weak connection] in connection?.bytesArrived() }
            try pipeline.addHandler(arrival)
            var decoding = NIOHTTPDecoderLimitConfiguration()
            decoding.maxHeaderFieldSize = limits.headerFieldBytes
            decoding.maxHeaderListSize = limits.headerBytes
            decoding.maxHeaderFieldCount = limits.headerFields
            // Framing is decided with the head, where it is known whether the request was HEAD.
            var encoding = HTTPResponseEncoder.Configuration()
            encoding.automaticallySetFramingHeaders = false
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withErrorHandling: false,
                withOutboundHeaderValidation: true,
                withEncoderConfiguration: encoding,
                withDecoderLimitConfiguration: decoding
            )
            try pipeline.addHandler(connection)
            return Connection(
                channel: channel,
                events: events,
                peerAddress: peerAddress,
                isSecure: certificates != nil
            )
        }
    }

    /// Answers the connection's requests until it ends.
    ///
    /// A client that leaves cancels the request being answered.
    func handle(value connection: Connection, logger: Logger) async {
        let open = Meter(label: "granary_http_connections", dimensions: [("listener", name)])
        open.increment()
        defer { open.decrement() }
        await withTaskCancellationHandler {
            await withTaskExecutorPreference(EventLoopExecutor(connection.channel.eventLoop)) {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await request in connection.events.requests { await serve(request, of: connection) }
                    }
                    group.addTask {
                        for await _ in connection.events.lifetime {}
                    }
                    await group.next()
                    group.cancelAll()
                }
            }
        } onCancel: {
            connection.channel.close(promise: nil)
        }
        try? await connection.channel.close()
    }

    private func serve(_ request: ConnectionEvents.Request, of connection: Connection) async {
        let exchange = Exchange(
            id: requestIDs.next(),
            method: HTTPRequest.Method(rawValue: request.head.method.rawValue) ?? .trace,
            target: request.head.uri,
            headers: HTTPFields(request.head.headers),
            body: request.body,
            peerAddress: connection.peerAddress,
            isSecure: connection.isSecure
        )
        await handler.respond(to: exchange, with: request.response)
        if !request.response.isFinished { connection.channel.close(promise: nil) }
    }
}

extension HTTPFields {
    /// The fields that HTTP allows; the parser has refused broken ones before.
    fileprivate init(_ headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            append(HTTPField(name: name, value: value))
        }
    }
}
