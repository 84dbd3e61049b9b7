import Access
import HTTPTypes
import HubCore
import Logging
import Metadata
import NIOCore

/// The same answer again, without a task and without a database.
extension APIFrontend {
    /// The answer that was given to the same request, while no record has changed since.
    ///
    /// Whatever is out of the ordinary, such as a token that was not shown lately or a client that asks too often, is left to
    /// `respond`, which decides it.
    func answerAtHand(
        to request: BareRequest,
        id: () -> String,
        logger: Logger,
        metrics: RequestMetrics
    ) -> AnswerAtHand? {
        let started = ContinuousClock.now
        guard let version = hub.metadata.version,
            let credentials = try? Credentials(authorization: request.authorization),
            let actor = hub.accounts.actorAtHand(credentials, version: version),
            let key = AnswerCache.Key(request, actor, base: publicURL.base(for: request.origin)),
            let entry = cache.entry(key, version: version)
        else { return nil }
        let client = publicURL.clientAddress(of: request.origin)
        let bucket = entry.operation.bucket
        guard let rateFields = rates.passAtHand(bucket, as: actor, at: client) else { return nil }
        let id = id()
        var head = entry.head
        head.writeStaticString("X-Request-Id: ")
        head.writeString(id)
        head.writeStaticString("\r\n")
        for field in rateFields { head.writeString("\(field.name.rawName): \(field.value)\r\n") }
        return AnswerAtHand(head: head, body: entry.body) { isComplete in
            let record = AccessRecord(
                id: id,
                method: request.method == "HEAD" ? .head : .get,
                path: Exchange.path(ofTarget: request.target),
                client: request.origin.peerAddress,
                clientRequestID: request.clientRequestID,
                actor: actor.auditName,
                route: Family.api.rawValue,
                operation: entry.operation.id,
                status: HTTPResponse.Status.ok.code,
                isComplete: isComplete,
                elapsed: ContinuousClock.now - started,
                sent: Int64(entry.body.readableBytes)
            )
            record.publish(to: logger, metrics)
        }
    }

    /// Keeps an answer that lasts for the next who asks the same.
    ///
    /// - Parameter version: that of the records before anything was asked of them.
    func keep(_ answer: Answer, of operation: APIOperation, to call: APICall, base: String, version: Int64) {
        let isHead = call.exchange.method == .head
        guard let request = BareRequest(call.exchange),
            let key = AnswerCache.Key(request, call.actor, base: base),
            let entry = AnswerCache.Entry(answer, of: operation, isHead: isHead, version: version)
        else { return }
        cache.keep(entry, key)
    }
}
