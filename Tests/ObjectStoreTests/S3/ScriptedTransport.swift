import Logging
import NIOCore
import ObjectStore
import Synchronization

/// Answers requests from a list, and remembers them.
final class ScriptedTransport: S3Transport {
    enum Step: Sendable {
        case answer(Int, headers: [(String, String)] = [], body: String = "")
        case failure
        /// Half of the announced bytes.
        case broken(Int, headers: [(String, String)] = [], body: String = "")
    }

    struct Broken: Error {}

    private let steps: Mutex<[Step]>
    private let seen = Mutex([S3WireRequest]())

    init(_ steps: [Step]) { self.steps = Mutex(steps) }

    var requests: [S3WireRequest] { seen.withLock { $0 } }

    func send(_ request: S3WireRequest) async throws -> S3Answer {
        seen.withLock { $0.append(request) }
        if case .stream(let relay, _) = request.body {
            for try await _ in relay {}
        }
        let step = steps.withLock { $0.isEmpty ? .failure : $0.removeFirst() }
        switch step {
        case .answer(let status, let headers, let body):
            return S3Answer(status: status, headers: headers.map { ($0.0, $0.1) }, body: Self.bytes(body, nil))
        case .broken(let status, let headers, let body):
            return S3Answer(status: status, headers: headers.map { ($0.0, $0.1) }, body: Self.bytes(body, Broken()))
        case .failure: throw Broken()
        }
    }

    func shutdown() async {}

    private static func bytes(_ text: String, _ error: (any Error)?) -> ByteSourceLike {
        AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            continuation.yield(ByteBuffer(string: text))
            continuation.finish(throwing: error)
        }
    }

    /// An error as S3 sends it.
    static func error(_ status: Int, _ code: String, headers: [(String, String)] = []) -> Step {
        .answer(status, headers: headers, body: "<Error><Code>\(code)</Code><RequestId>R1</RequestId></Error>")
    }
}

/// A store on a script, with a clock that stands and waits that are noted.
struct ScriptedStore {
    let transport: ScriptedTransport
    let store: S3ObjectStore
    let waits = Waits()

    final class Waits: Sendable {
        let list = Mutex([Int64]())
    }

    static let credentials = S3Credentials(
        accessKey: "AKID",
        secretKey: "very-secret",
        sessionToken: "session-token"
    )

    init(
        _ steps: [ScriptedTransport.Step],
        credentials: any S3CredentialsSource = Self.credentials,
        change: (inout S3Configuration) -> Void = { _ in }
    ) throws {
        guard let endpoint = S3Endpoint("https://s3.example.org") else { throw ScriptedTransport.Broken() }
        var configuration = S3Configuration(endpoint: endpoint, bucket: "bucket")
        change(&configuration)
        transport = ScriptedTransport(steps)
        let waits = waits
        store = S3ObjectStore(
            configuration,
            credentials: credentials,
            transport: transport,
            environment: S3Environment(
                now: { 1_369_353_600 },
                sleep: { milliseconds in waits.list.withLock { $0.append(milliseconds) } },
                chance: { 1 }
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}
