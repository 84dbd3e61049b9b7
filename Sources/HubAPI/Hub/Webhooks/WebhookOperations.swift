import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// One's own webhooks.
struct WebhookOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, create, get, update, remove, enable, disable] }

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/settings/webhooks",
            id: "listWebhooks",
            "One's own webhooks, oldest first.",
            tag: .webhooks,
            need: .ownAccount,
            answers: [200: .json(.array(Self.webhook))]
        ) { call in
            .json(.array(try await hub.webhooks.list(by: call.actor).map(\.json)), headers: Self.unstored)
        }
    }

    private var create: APIOperation {
        APIOperation(
            .post,
            "/api/settings/webhooks",
            id: "createWebhook",
            "Makes a webhook: a URL that is told what happens in repositories.",
            tag: .webhooks,
            need: .ownAccount,
            body: .json(
                .object([.required("url", .string), .required("watched", .array(Self.watched))] + Self.optional)
            ),
            answers: Self.answers
        ) { call in
            Self.answer(try await hub.webhooks.create(try await call.webhookChange(), by: call.actor))
        }
    }

    private var get: APIOperation {
        APIOperation(
            .get,
            "/api/settings/webhooks/{id}",
            id: "getWebhook",
            "One of one's own webhooks.",
            tag: .webhooks,
            need: .ownAccount,
            answers: Self.answers
        ) { call in Self.answer(try await hub.webhooks.get(call.parameter("id"), by: call.actor)) }
    }

    private var update: APIOperation {
        APIOperation(
            .post,
            "/api/settings/webhooks/{id}",
            id: "updateWebhook",
            "Changes a webhook; what is left out stays, and so does what it watches when the list is empty.",
            tag: .webhooks,
            need: .ownAccount,
            body: .json(
                .object(
                    [.optional("url", .nullable(.string)), .optional("watched", .nullable(.array(Self.watched)))]
                        + Self.optional
                )
            ),
            answers: Self.answers
        ) { call in
            let change = try await call.webhookChange()
            return Self.answer(try await hub.webhooks.update(call.parameter("id"), change, by: call.actor))
        }
    }

    private var remove: APIOperation {
        APIOperation(
            .delete,
            "/api/settings/webhooks/{id}",
            id: "deleteWebhook",
            "Removes a webhook with its log.",
            tag: .webhooks,
            need: .ownAccount,
            answers: [200: .json(.object([]))]
        ) { call in
            try await hub.webhooks.delete(call.parameter("id"), by: call.actor)
            return .json([:])
        }
    }

    private var enable: APIOperation {
        APIOperation(
            .post,
            "/api/settings/webhooks/{id}/enable",
            id: "enableWebhook",
            "Lets a webhook speak.",
            tag: .webhooks,
            need: .ownAccount,
            answers: Self.answers
        ) { call in Self.answer(try await hub.webhooks.setEnabled(call.parameter("id"), true, by: call.actor)) }
    }

    private var disable: APIOperation {
        APIOperation(
            .post,
            "/api/settings/webhooks/{id}/disable",
            id: "disableWebhook",
            "Silences a webhook; what it had still to tell is dropped.",
            tag: .webhooks,
            need: .ownAccount,
            answers: Self.answers
        ) { call in Self.answer(try await hub.webhooks.setEnabled(call.parameter("id"), false, by: call.actor)) }
    }

    /// The answer has the webhook's secret.
    private static let unstored: HTTPFields = [.cacheControl: "no-store"]

    private static func answer(_ webhook: Webhooks.Webhook) -> Answer {
        .json(["webhook": webhook.json], headers: unstored)
    }

    private static let answers: [Int: APIOperation.Body] = [200: .json(.object([.required("webhook", webhook)]))]

    private static let watched = APISchema.object([.required("type", .string), .required("name", .string)])
    private static let domains = APISchema.array(.word(WebhookRecord.Domain.allCases.map(\.rawValue)))
    private static let modes = APISchema.word(WebhookRecord.SecretMode.allCases.map(\.rawValue))

    private static let optional: [APISchema.Member] = [
        .optional("domains", .nullable(domains)), .optional("secret", .nullable(.string)),
        .optional("secretMode", .nullable(modes)),
    ]

    private static let webhook = APISchema.object([
        .required("id", .string), .required("url", .string), .required("watched", .array(watched)),
        .required("domains", domains), .required("secret", .nullable(.string)), .required("disabled", .boolean),
        .required("secretMode", modes),
        .optional("disabledReason", .word(WebhookRecord.Disabled.allCases.map(\.rawValue))),
        .required("failures", .integer), .required("dropped", .integer), .required("createdAt", .date),
    ])
}

extension APICall {
    /// What the body says that a webhook is to be.
    fileprivate func webhookChange() async throws -> WebhookChange {
        let body = try await object()
        guard !body.has("jobSourceId") else {
            throw HTTPFailure(.notImplemented, "This hub runs no jobs: a webhook has a 'url'.")
        }
        var change = WebhookChange(base: base)
        change.url = try body.textIfThere("url")
        change.watched = try body.objects("watched").map {
            WebhookChange.Target(type: try $0.text("type"), name: try $0.text("name"))
        }
        if body.has("domains") { change.domains = try body.texts("domains") }
        change.secret = try body.textIfThere("secret")
        change.secretMode = try body.textIfThere("secretMode")
        return change
    }
}

extension Webhooks.Webhook {
    /// The webhook as its owner sees it, in Hugging Face's words and some of ours.
    fileprivate var json: JSONValue {
        let webhook: JSONValue = [
            "id": .string(record.id.text), "url": .string(record.url),
            "watched": .array(watches.map { ["type": .string($0.type), "name": .string($0.name)] }),
            "domains": JSONValue(WebhookRecord.Domain.allCases.filter(record.domains.contains).map(\.rawValue)),
            "secret": JSONValue(secret), "disabled": JSONValue(record.disabled != nil),
            "secretMode": .string(record.secretMode.rawValue),
        ]
        return webhook.adding("disabledReason", ifThere: record.disabled.map { .string($0.rawValue) })
            .adding("failures", .integer(record.failures))
            .adding("dropped", .integer(record.dropped))
            .adding("createdAt", .string(record.createdAt.description))
    }
}
