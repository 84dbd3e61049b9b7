import Logging
import Synchronization

/// A request to the bucket, before it is signed.
package struct S3Request: Sendable {
    package var method: String
    /// The key in the bucket; empty for the bucket itself.
    package var key = ""
    package var query: [(name: String, value: String)] = []
    package var headers: [(name: String, value: String)] = []
    package var body = S3Body.none
    /// Hexadecimal SHA-256 of the body; empty bodies need none, others without are sent unsigned.
    package var payloadHash: String?

    /// A request from its parts.
    package init(
        method: String,
        key: String = "",
        query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [],
        body: S3Body = .none,
        payloadHash: String? = nil
    ) {
        (self.method, self.key, self.query, self.headers) = (method, key, query, headers)
        (self.body, self.payloadHash) = (body, payloadHash)
    }

    package var signedHash: String {
        if case .none = body { return SigV4.emptyHash }
        return payloadHash ?? SigV4.unsignedPayload
    }
}

/// A complete answer.
package struct S3Reply: Sendable {
    package var answer: S3Answer
    package var body: [UInt8]

    /// The body's root element.
    /// - Throws: `ObjectStoreError.unavailable` for something that is no XML: a proxy's error page, most likely.
    package func element(_ name: String) throws -> XMLElement {
        guard let element = XMLElement.parse(body), element.name == name else {
            throw ObjectStoreError.unavailable("the answer is no \(name)")
        }
        return element
    }
}

/// Signs requests, sends them, and tries again where that helps.
package final class S3Client: Sendable {
    private struct State {
        var region: String
        var endpoint: S3Endpoint
        /// What the store's clock is ahead of ours.
        var clockOffset: Int64 = 0
        var abilities: S3Abilities
    }

    package let configuration: S3Configuration
    package let environment: S3Environment
    private let credentials: any S3CredentialsSource
    private let transport: any S3Transport
    private let logger: Logger
    private let state: Mutex<State>

    init(
        _ configuration: S3Configuration,
        credentials: any S3CredentialsSource,
        transport: any S3Transport,
        environment: S3Environment,
        logger: Logger
    ) {
        self.configuration = configuration
        self.credentials = credentials
        self.transport = transport
        self.environment = environment
        self.logger = logger
        let abilities = S3Abilities(
            verifiesChecksums: configuration.verifiesChecksums,
            knowsConditionalWrites: configuration.knowsConditionalWrites
        )
        state = Mutex(State(region: configuration.region, endpoint: configuration.endpoint, abilities: abilities))
    }

    /// What the store is able to do, as configured or found out.
    package var abilities: S3Abilities { state.withLock { $0.abilities } }

    /// Notes what was found out.
    package func learn(_ abilities: S3Abilities) { state.withLock { $0.abilities = abilities } }

    package func shutdown() async { await transport.shutdown() }

    /// Sends a request and gives the whole answer, of at most 4 MiB.
    /// - Throws: `S3Failure` for what is no success, also for an `<Error>` behind a 200; `ObjectStoreError.unavailable`.
    package func call(_ request: S3Request) async throws -> S3Reply {
        try await trying(request) { answer in
            let body = try await answer.collect()
            if (200...299).contains(answer.status), let element = XMLElement.parse(body), element.name == "Error" {
                // A copy or a completion may take long: the store says 200 first, and the truth in the end. 500 is a
                // status that the codes of such errors go with.
                throw S3Failure(status: 500, element: element, answer: answer)
            }
            return S3Reply(answer: answer, body: body)
        }
    }

    /// Sends a request and gives the answer as soon as its head is there.
    /// - Throws: as `call`.
    package func open(_ request: S3Request) async throws -> S3Answer {
        try await trying(request) { $0 }
    }

    /// Tries a request until it succeeds, fails for good, or the attempts or the time are used up.
    private func trying<Value>(_ request: S3Request, _ body: (S3Answer) async throws -> Value) async throws -> Value {
        var policy = S3RetryPolicy(configuration, environment)
        while true {
            let signer = await credentials.current()
            do {
                let answer = try await transport.send(try sign(request, with: signer))
                guard (200...299).contains(answer.status) else {
                    throw S3Failure(answer, body: (try? await answer.collect(limit: 64 << 10)) ?? [])
                }
                return try await body(answer)
            } catch {
                try Task.checkCancellation()
                // What is learnt of region, clock and credentials is kept, even when this request cannot profit from it.
                let remedy = policy.remedy(for: error, at: now)
                let isAnswered = try await apply(remedy, to: request, signedBy: signer, after: error)
                guard isAnswered, request.body.canBeSent else { throw Self.final(error) }
            }
        }
    }

    /// Does what the remedy says; false when there is none.
    private func apply(
        _ remedy: S3RetryPolicy.Remedy,
        to request: S3Request,
        signedBy signer: S3Credentials,
        after error: any Error
    ) async throws -> Bool {
        switch remedy {
        case .none: return false
        case .region(let region):
            state.withLock { state in
                state.endpoint = state.endpoint.moved(from: state.region, to: region)
                state.region = region
            }
        case .clock(let time): state.withLock { $0.clockOffset = time - environment.now() }
        case .credentials: return await credentials.replacement(for: signer) != nil
        case .wait(let milliseconds):
            guard request.body.canBeSent else { return false }
            logger.debug(
                "S3 request will be tried again",
                metadata: [
                    "method": "\(request.method)", "reason": "\(Self.reason(error))", "wait_ms": "\(milliseconds)",
                ]
            )
            try await environment.sleep(milliseconds)
        }
        return true
    }

    /// Seconds since 1970 as the store counts them.
    private var now: Int64 { environment.now() + state.withLock { $0.clockOffset } }

    private func sign(_ request: S3Request, with credentials: S3Credentials) throws -> S3WireRequest {
        let (region, endpoint) = state.withLock { ($0.region, $0.endpoint) }
        let bucket = S3Bucket(endpoint: endpoint, style: configuration.addressStyle, name: configuration.bucket)
        let signable = SignableRequest(
            method: request.method,
            host: bucket.host,
            path: bucket.path(of: request.key),
            query: request.query,
            headers: request.headers,
            payloadHash: request.signedHash
        )
        let signer = SigV4(credentials: credentials, region: region, time: S3Time(seconds: now))
        return S3WireRequest(
            method: request.method,
            url: bucket.url(path: signable.path, query: signable.canonicalQuery),
            headers: try signer.authorize(signable),
            body: request.body,
            deadlineSeconds: { if case .stream = request.body { nil } else { configuration.deadlineSeconds } }()
        )
    }

    /// A URL for clients, at the public endpoint; how long it lives is cut to the session's life.
    package func presign(_ request: S3Request, expiresIn: Int) async throws -> DirectRequest {
        let (region, endpoint) = state.withLock { ($0.region, $0.endpoint) }
        let bucket = S3Bucket(
            endpoint: configuration.publicEndpoint ?? endpoint,
            style: configuration.addressStyle,
            name: configuration.bucket
        )
        let signable = SignableRequest(
            method: request.method,
            host: bucket.host,
            path: bucket.path(of: request.key),
            query: request.query,
            headers: request.headers
        )
        let credentials = await credentials.current()
        let sessionEnd = credentials.expiresAt.map { Int(clamping: max(1, $0 - environment.now())) } ?? Int.max
        let seconds = min(max(1, expiresIn), 604_800, sessionEnd)
        let signer = SigV4(credentials: credentials, region: region, time: S3Time(seconds: now))
        let query = try signer.presign(signable, expiresIn: seconds)
        return DirectRequest(
            url: bucket.url(path: signable.path, query: query),
            headers: request.headers,
            expiresIn: seconds
        )
    }

    /// What leaves the client: failures of the store as they are, the network's as `.unavailable`.
    private static func final(_ error: any Error) -> any Error {
        switch error {
        case is S3Failure, is ObjectStoreError, is CancellationError: error
        default: ObjectStoreError.unavailable(reason(error))
        }
    }

    /// Words for the log; the network's errors name hosts at most.
    private static func reason(_ error: any Error) -> String {
        if let failure = error as? S3Failure { return "\(failure.code), HTTP \(failure.status)" }
        return "\(error)"
    }
}
