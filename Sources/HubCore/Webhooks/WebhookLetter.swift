import Access
import Metadata
import NIOCore
import OpenSSLKit

/// What is sent to a webhook's receiver.
struct WebhookLetter: Sendable {
    let webhook: WebhookRecord
    let delivery: WebhookDeliveryRecord
    let event: WebhookEventRecord
    /// What the receiver knows the hub by; nil without.
    let secret: String?
    /// JSON.
    let body: ByteBuffer

    /// The fields of the request.
    ///
    /// The signature is `t=SECONDS,v1=HEX`, where HEX is HMAC-SHA-256 with the secret over the seconds, a point, and the body:
    /// whoever checks both knows that nobody sends an old one again.
    func fields(at moment: Timestamp) throws -> [(name: String, value: String)] {
        guard let secret else { return plainFields }
        var fields = plainFields
        if webhook.secretMode != .signature { fields.append((Self.secretField, secret)) }
        if webhook.secretMode != .header {
            let signed = Array("\(moment.seconds).".utf8) + Array(body.readableBytesView)
            let code = try HMACSHA256.authenticationCode(for: signed, key: Array(secret.utf8))
            fields.append((Self.signatureField, "t=\(moment.seconds),v1=\(Hex.encode(code))"))
        }
        return fields
    }

    /// The fields as the log shows them.
    var shownFields: [(name: String, value: String)] {
        guard secret != nil else { return plainFields }
        var fields = plainFields
        if webhook.secretMode != .signature { fields.append((Self.secretField, "***")) }
        if webhook.secretMode != .header { fields.append((Self.signatureField, "t=***,v1=***")) }
        return fields
    }

    private var plainFields: [(name: String, value: String)] {
        let fields = [
            ("Content-Type", "application/json"), ("User-Agent", "Granary-Webhook/1"),
            ("X-Granary-Event", "\(event.scope).\(event.action)"), ("X-Granary-Delivery", delivery.id.text),
        ]
        return (delivery.isReplay ? fields + [("X-Granary-Replay", "1")] : fields).map { (name: $0.0, value: $0.1) }
    }

    private static let secretField = "X-Webhook-Secret"
    private static let signatureField = "X-Granary-Signature"
}
