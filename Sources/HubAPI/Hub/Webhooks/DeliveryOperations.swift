import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// What one's own webhooks were sent.
struct DeliveryOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, get, replay] }

    private static let pageSize = 50
    private static let largestPage = 100

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/settings/webhooks/{id}/deliveries",
            id: "listWebhookDeliveries",
            "What a webhook sent or has to send, youngest first.",
            tag: .webhooks,
            need: .ownAccount,
            query: [
                .init("limit", .integer, "Lines of a page, at most."), .init("cursor", .string, "Where it begins."),
            ],
            answers: [200: .json(.array(.object(Self.delivery)))]
        ) { call in
            let limit = try call.integer("limit", in: 1...Self.largestPage, default: Self.pageSize)
            let before = try call.query.first("cursor").map { text in
                guard let id = RecordID(text) else { throw HTTPFailure(.badRequest, "The cursor is not one of ours.") }
                return id
            }
            let page = try await hub.webhooks.deliveries(
                of: call.parameter("id"),
                before: before,
                limit: limit,
                by: call.actor
            )
            let next = page.next.map { call.next(cursor: $0.text) }
            return .json(.array(page.lines.map(\.json)), headers: next ?? [:])
        }
    }

    private var get: APIOperation {
        APIOperation(
            .get,
            "/api/settings/webhooks/{id}/deliveries/{delivery}",
            id: "getWebhookDelivery",
            "What a webhook sent, with request and answer.",
            tag: .webhooks,
            need: .ownAccount,
            answers: [
                200: .json(
                    .object(
                        Self.delivery + [
                            .required(
                                "request",
                                .object([.required("headers", .map(.string)), .required("body", .any)])
                            ),
                            .optional("answer", .string),
                        ]
                    )
                )
            ]
        ) { call in
            let found = try await hub.webhooks.delivery(
                call.parameter("delivery"),
                of: call.parameter("id"),
                by: call.actor
            )
            let request: JSONValue = ["headers": .object(found.fields), "body": found.body]
            return .json(
                found.delivery.json.adding("request", request)
                    .adding("answer", ifThere: found.delivery.record.answer.map(JSONValue.string))
            )
        }
    }

    private var replay: APIOperation {
        APIOperation(
            .post,
            "/api/settings/webhooks/{id}/deliveries/{delivery}/replay",
            id: "replayWebhookDelivery",
            "Sends something again, to where the webhook calls now.",
            tag: .webhooks,
            need: .ownAccount,
            answers: [200: .json(.object(Self.delivery))]
        ) { call in
            let found = try await hub.webhooks.replay(
                call.parameter("delivery"),
                of: call.parameter("id"),
                by: call.actor
            )
            return .json(found.json)
        }
    }

    private static let delivery: [APISchema.Member] = [
        .required("id", .string),
        .required("event", .object([.required("action", .string), .required("scope", .string)])),
        .required("state", .word(WebhookDeliveryRecord.State.allCases.map(\.rawValue))),
        .required("attempts", .integer), .required("replay", .boolean), .optional("url", .string),
        .optional("status", .integer), .optional("error", .string), .optional("milliseconds", .integer),
        .optional("sentAt", .date), .optional("nextAt", .date), .required("createdAt", .date),
    ]
}

extension Webhooks.Delivery {
    /// A line of the log.
    fileprivate var json: JSONValue {
        let line: JSONValue = [
            "id": .string(record.id.text),
            "event": ["action": .string(event.action), "scope": .string(event.scope)],
            "state": .string(record.state.rawValue), "attempts": .integer(record.attempts),
            "replay": JSONValue(record.isReplay),
        ]
        let next = record.state == .pending ? record.nextAt : nil
        return line.adding("url", ifThere: record.url.map(JSONValue.string))
            .adding("status", ifThere: record.status.map(JSONValue.integer))
            .adding("error", ifThere: record.error.map(JSONValue.string))
            .adding("milliseconds", ifThere: record.milliseconds.map(JSONValue.integer))
            .adding("sentAt", ifThere: record.sentAt.map { .string($0.description) })
            .adding("nextAt", ifThere: next.map { .string($0.description) })
            .adding("createdAt", .string(record.createdAt.description))
    }
}
