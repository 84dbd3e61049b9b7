import Foundation
import JSON
import NIOCore
import Outbound
import Synchronization

/// Takes what webhooks send, and answers as told; no socket is involved.
final class Receiver: OutboundSender {
    /// What was sent.
    struct Letter {
        let url: String
        let fields: [String: String]
        let text: String
        let body: JSONValue

        var scope: String? { body["event"]?["scope"]?.text }
        var action: String? { body["event"]?["action"]?.text }
    }

    private let sent = Mutex<[Letter]>([])
    private let answers = Mutex<[Result<OutboundAnswer, OutboundFailure>]>([])
    private let usual = Mutex<Result<OutboundAnswer, OutboundFailure>>(
        .success(OutboundAnswer(status: 200, isInner: false))
    )

    /// What came since the last look.
    func take() -> [Letter] {
        sent.withLock { sent in
            defer { sent = [] }
            return sent
        }
    }

    /// The next answers; after them every answer is 200 again.
    func answer(_ statuses: Int..., retryAfter: Int? = nil) {
        answers.withLock {
            $0 += statuses.map { .success(OutboundAnswer(status: $0, retryAfter: retryAfter, isInner: false)) }
        }
    }

    /// How the next try fails.
    func fail(_ failure: OutboundFailure) { answers.withLock { $0.append(.failure(failure)) } }

    /// What is answered when nothing else was said.
    func alwaysAnswer(_ answer: Result<OutboundAnswer, OutboundFailure>) { usual.withLock { $0 = answer } }

    func check(_ url: OutboundURL) throws(OutboundRules.Refusal) {
        try OutboundRules.standard.decide(
            host: url.host,
            port: url.port,
            addresses: url.address.map { [$0] } ?? [],
            own: []
        )
    }

    func post(
        to url: OutboundURL,
        headers: [(name: String, value: String)],
        body: ByteBuffer
    ) async throws -> OutboundAnswer {
        let text = String(buffer: body)
        let letter = Letter(
            url: url.description,
            fields: Dictionary(headers.map { ($0.name, $0.value) }) { first, _ in first },
            text: text,
            body: try JSONValue(parsing: Array(text.utf8), limits: JSONLimits(bytes: 1 << 20))
        )
        sent.withLock { $0.append(letter) }
        let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() } ?? usual.withLock { $0 }
        return try answer.get()
    }
}
